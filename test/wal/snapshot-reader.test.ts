/** Reading snapshots: no damage of the file is read as data. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/file-system-faulty.js';
import { encodeFooter, encodeHeader, sealOf } from '../../src/wal/snapshot-file.js';
import { snapshotPath } from '../../src/wal/snapshot-folder.js';
import { openSnapshot, verifySnapshot } from '../../src/wal/snapshot-reader.js';
import {
  dir,
  emptyFolder,
  entriesOf,
  headerOf,
  identity,
  readAll,
  writeSnapshot,
} from './snapshot-fixture.js';
import { tableKernel } from './table-kernel.js';

const path = snapshotPath(dir, 9);
const entries = entriesOf(60);
const sound = emptyFolder();
const manifest = writeSnapshot(sound, 9, entries);
const blockBytes = 4096;

const codeFrom = (work: () => unknown): string | undefined => {
  try {
    work();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
};

test('a flipped bit in any sector is repaired in a header, and corrupt anywhere else', () => {
  assert.ok(manifest.chunks > 3);
  for (let sector = 0; sector * 512 < manifest.fileBytes; sector++) {
    for (const offset of [0, 1, 20, 300, 511]) {
      const at = sector * 512 + offset;
      if (at >= manifest.fileBytes) continue;
      const fs = sound.clone();
      fs.flipBit(path, at, (sector + offset) % 8);
      const found = readAll(fs, path);
      if (at < 2 * blockBytes) {
        assert.equal(found, { entries, error: null, repaired: true });
        assert.equal(fs.bytesOf(path), sound.bytesOf(path));
        continue;
      }
      assert.is(found.error, 'THEMIS_SNAPSHOT_CORRUPT', `byte ${at}`);
      assert.equal(found.entries, entries.slice(0, found.entries.length), 'nothing wrong came out');
      assert.ok(found.entries.length < entries.length);
      assert.is(
        codeFrom(() => verifySnapshot(fs, path, tableKernel)),
        'THEMIS_SNAPSHOT_CORRUPT',
      );
    }
  }
});

test('a file cut at any byte of its last 8 KiB, or longer than written, is corrupt', () => {
  const fs = sound.clone();
  const file = fs.open(path, { access: 'read-write' });
  for (let cut = 1; cut <= 8192; cut++) {
    file.truncate(manifest.fileBytes - cut);
    assert.is(
      codeFrom(() => verifySnapshot(fs, path, tableKernel)),
      'THEMIS_SNAPSHOT_CORRUPT',
    );
  }
  for (const length of [0, 1, blockBytes, 2 * blockBytes, 3 * blockBytes - 1]) {
    file.truncate(length);
    assert.is(
      codeFrom(() => openSnapshot(fs, path, tableKernel)),
      'THEMIS_SNAPSHOT_CORRUPT',
    );
  }
  file.close();
  const longer = sound.clone();
  const longerFile = longer.open(path, { access: 'read-write' });
  longerFile.truncate(manifest.fileBytes + 1);
  longerFile.close();
  assert.is(
    codeFrom(() => openSnapshot(longer, path, tableKernel)),
    'THEMIS_SNAPSHOT_CORRUPT',
  );
});

test('chunks of another snapshot, even in the same place, are corrupt', () => {
  const other = emptyFolder();
  writeSnapshot(other, 10, entries);
  const chunks = other.bytesOf(snapshotPath(dir, 10)).subarray(2 * blockBytes, -blockBytes);
  const fs = sound.clone();
  fs.overwrite(path, chunks, 2 * blockBytes);
  assert.equal(readAll(fs, path), {
    entries: [],
    error: 'THEMIS_SNAPSHOT_CORRUPT',
    repaired: false,
  });
});

test('headers, footers and names that do not belong together are corrupt', () => {
  const footerAt = manifest.fileBytes - blockBytes;
  const headerCrc = sealOf(encodeHeader(tableKernel, headerOf(9)));
  const changes = [
    { headerCrc: 1 },
    { chain: 1 },
    { entries: 59 },
    { chunks: manifest.chunks - 1 },
    { chunks: manifest.chunks + 1 },
    { stateHash: 1n },
    { fileBytes: manifest.fileBytes - 1 },
  ];
  for (const change of changes) {
    const fs = sound.clone();
    const footer = encodeFooter(tableKernel, { ...manifest, headerCrc, ...change });
    fs.overwrite(path, footer, footerAt);
    assert.is(
      codeFrom(() => verifySnapshot(fs, path, tableKernel)),
      'THEMIS_SNAPSHOT_CORRUPT',
    );
  }
  const twoHeaders = sound.clone();
  twoHeaders.overwrite(path, encodeHeader(tableKernel, headerOf(8)), blockBytes);
  assert.is(
    codeFrom(() => openSnapshot(twoHeaders, path, tableKernel)),
    'THEMIS_SNAPSHOT_CORRUPT',
  );
  const renamed = sound.clone();
  renamed.rename(path, snapshotPath(dir, 8));
  const open = () => openSnapshot(renamed, snapshotPath(dir, 8), tableKernel);
  assert.is(codeFrom(open), 'THEMIS_SNAPSHOT_CORRUPT');
});

test('another cluster is foreign; another node of the cluster is not', () => {
  const open = (expected: typeof identity) => openSnapshot(sound, path, tableKernel, expected);
  assert.equal(open(identity).manifest, manifest);
  assert.equal(open({ ...identity, nodeId: new Uint8Array(16) }).manifest, manifest);
  const foreign = { ...identity, clusterId: new Uint8Array(16) };
  assert.is(
    codeFrom(() => open(foreign)),
    'THEMIS_FOLDER_FOREIGN',
  );
});

test('an unreadable place is corrupt, or read from the copy; other errors stay', () => {
  let corrupt = 0;
  for (let nth = 1; nth < 100; nth++) {
    const faulty = new FaultyFileSystem(sound.clone(), {
      rules: [{ operation: 'read', nth, error: 'EIO' }],
    });
    const found = readAll(faulty, path);
    if (faulty.fired() === 0) break;
    if (nth <= 2) assert.equal(found, { entries, error: null, repaired: true });
    else assert.is(found.error, 'THEMIS_SNAPSHOT_CORRUPT');
    if (nth > 2) corrupt++;
    const short = new FaultyFileSystem(sound.clone(), {
      rules: [{ operation: 'read', nth, error: 'short-read' }],
    });
    assert.equal(readAll(short, path), { entries, error: null, repaired: false });
  }
  assert.ok(corrupt > 5);
  const broken = new FaultyFileSystem(sound, { rules: [{ operation: 'open', error: 'EMFILE' }] });
  assert.is(readAll(broken, path).error, 'EMFILE');
});

test('a loop that is left early closes the file', () => {
  const faulty = new FaultyFileSystem(sound);
  for (const entry of openSnapshot(faulty, path, tableKernel).entries()) {
    assert.equal(Buffer.from(entry.key), entries[0]?.key);
    break;
  }
  const count = (operation: string) =>
    faulty.calls().filter((call) => call.operation === operation).length;
  assert.is(count('open'), count('close'));
  const reads = faulty.calls().filter((call) => call.operation === 'read').length;
  assert.ok(reads < 8, 'entries are read as they are needed');
});

test.run();
