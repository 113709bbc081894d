/** The folder of snapshots: damaged ones are kept aside, sound ones are kept, no more than asked. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import { encodeHeader, snapshotVersion } from '../../src/wal/snapshot-file.js';
import {
  listSnapshots,
  prepareSnapshots,
  pruneSnapshots,
  snapshotPath,
} from '../../src/wal/snapshot-folder.js';
import {
  dir,
  emptyFolder,
  entriesOf,
  headerOf,
  identity,
  writeSnapshot,
} from './snapshot-fixture.js';
import { tableKernel } from './table-kernel.js';

function folderWith(...indexes: number[]) {
  const fs = emptyFolder();
  for (const index of indexes) writeSnapshot(fs, index, entriesOf(20, index));
  return fs;
}

const indexesOf = (list: ReturnType<typeof listSnapshots>) =>
  list.valid.map(({ manifest }) => manifest.index);

test('sound snapshots are listed newest first', () => {
  const fs = folderWith(3, 20, 16);
  assert.equal(indexesOf(listSnapshots(fs, dir, tableKernel)), [20, 16, 3]);
  assert.equal(
    indexesOf(listSnapshots(fs, dir, tableKernel, { verify: 'ends', identity })),
    [20, 16, 3],
  );
});

test('a damaged snapshot goes aside durably, as often as it takes, and the older is used', () => {
  let fs = folderWith(3, 20);
  for (const name of ['0000000000000014.snapshot', '0000000000000014.snapshot.1']) {
    fs.flipBit(snapshotPath(dir, 20), 9000, 1);
    const damaged = fs.bytesOf(snapshotPath(dir, 20));
    const list = listSnapshots(fs, dir, tableKernel);
    assert.equal(indexesOf(list), [3]);
    assert.equal(
      list.setAside.map(({ path }) => path),
      [`${dir}/aside/${name}`],
    );
    assert.match(list.setAside[0]?.why ?? '', /chunk 0/);
    fs = fs.crash('drop-unsynced');
    assert.equal(fs.bytesOf(`${dir}/aside/${name}`), damaged);
    assert.equal(listSnapshots(fs, dir, tableKernel).setAside, []);
    writeSnapshot(fs, 20, entriesOf(20, 20));
  }
});

test('checking the ends alone does not find damage inside, by contract', () => {
  const fs = folderWith(20);
  fs.flipBit(snapshotPath(dir, 20), 9000, 1);
  assert.equal(indexesOf(listSnapshots(fs, dir, tableKernel, { verify: 'ends' })), [20]);
  assert.equal(indexesOf(listSnapshots(fs, dir, tableKernel)), []);
});

test('a newer format and a foreign cluster are errors, and nothing is moved', () => {
  const fs = folderWith(3, 20);
  const newer = encodeHeader(tableKernel, headerOf(20));
  viewOf(newer).setUint32(8, snapshotVersion + 1, true);
  viewOf(newer).setUint32(4092, tableKernel.crc32c(newer, 0, 4092, 0), true);
  const future = fs.clone();
  future.overwrite(snapshotPath(dir, 20), newer, 0);
  const foreign = { ...identity, clusterId: new Uint8Array(16) };
  const cases = [
    [future, identity, 'THEMIS_FORMAT_NEWER'],
    [fs, foreign, 'THEMIS_FOLDER_FOREIGN'],
  ] as const;
  for (const [files, owner, code] of cases) {
    assert.throws(
      () => listSnapshots(files, dir, tableKernel, { identity: owner }),
      (error: unknown) => codeOf(error) === code,
    );
    assert.is(files.list(`${dir}/snapshots`).length, 2);
  }
});

test('leftovers are removed at open, other names are left alone', () => {
  const fs = folderWith(3);
  const names = ['0000000000000014.snapshot.partial', 'notes.txt', 'x.partial'];
  for (const name of names)
    fs.open(`${dir}/snapshots/${name}`, { access: 'read-write', create: true }).close();
  assert.is(prepareSnapshots(fs, dir), 1);
  assert.equal(fs.list(`${dir}/snapshots`), [
    '0000000000000003.snapshot',
    'notes.txt',
    'x.partial',
  ]);
  assert.equal(indexesOf(listSnapshots(fs, dir, tableKernel)), [3]);
  assert.is(prepareSnapshots(fs, dir), 0);
});

test('pruning keeps the newest, whatever the order of the list', () => {
  const fs = folderWith(3, 20, 16, 8);
  const { valid } = listSnapshots(fs, dir, tableKernel);
  const kept = pruneSnapshots(fs, dir, valid.toReversed());
  assert.equal(
    kept.map(({ manifest }) => manifest.index),
    [20, 16],
  );
  const after = fs.crash('drop-unsynced');
  assert.equal(indexesOf(listSnapshots(after, dir, tableKernel)), [20, 16]);
  assert.equal(pruneSnapshots(after, dir, kept), kept);
});

test.run();
