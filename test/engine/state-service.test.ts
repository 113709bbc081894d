/** How the state is brought up: used as it is, rebuilt from the best snapshot there is, or refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bufferOf, codeOf } from '../../src/base/index.js';
import { prepareState, type StatePrepare, stateDirectory } from '../../src/engine/state-service.js';
import { FaultyFileSystem, type MemoryFileSystem } from '../../src/io/index.js';
import { MemoryStores } from '../../src/metadata/index.js';
import { snapshotPath } from '../../src/wal/index.js';
import { dir, emptyFolder, entriesOf, identity, writeSnapshot } from '../wal/snapshot-fixture.js';
import { tableKernel as kernel } from '../wal/table-kernel.js';

const statePath = stateDirectory(dir);

/** A folder with snapshots of these indexes; that of index i has i entries. */
function folderWith(...indexes: number[]): MemoryFileSystem {
  const fs = emptyFolder();
  for (const index of indexes) writeSnapshot(fs, index, entriesOf(index));
  return fs;
}

function prepareOf(overrides: Partial<StatePrepare>, ...indexes: number[]): StatePrepare {
  const snapshots = indexes.map((index) => ({ path: snapshotPath(dir, index), index }));
  const rest = { damage: null, logStart: 0, snapshots };
  return { directory: dir, statePath, identity, ...rest, ...overrides };
}

/** Flips a bit in the entries of a snapshot, behind its two headers. */
function damage(fs: MemoryFileSystem, index: number): void {
  const path = snapshotPath(dir, index);
  const handle = fs.open(path, { access: 'read-write' });
  const at = 2 * 4096 + 40;
  const byte = new Uint8Array(1);
  handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ 0x10;
  handle.write(byte, 0, 1, at);
  handle.close();
}

/** User keys that the state holds. */
async function keysOf(stores: MemoryStores): Promise<string[]> {
  const store = await stores.open(statePath);
  const iterator = store.iterate({ lt: Uint8Array.of(0xfe) });
  const keys = (await iterator.nextv(1000)).map(([key]) => bufferOf(key).toString());
  await iterator.close();
  await store.close();
  return keys;
}

function expectedKeys(count: number): string[] {
  return entriesOf(count).map(({ key }) => bufferOf(key).toString());
}

test('a new folder gets an empty state, which is no rebuild', async () => {
  const stores = new MemoryStores();
  const around = { fileSystem: emptyFolder(), stores, kernel };
  const prepared = await prepareState(prepareOf({}), around);
  assert.equal([prepared.meta.appliedIndex, prepared.rebuilt, prepared.setAside], [0, null, []]);
  assert.equal(await keysOf(stores), []);
});

test('a sound state is used as it is, and no snapshot is so much as opened', async () => {
  const stores = new MemoryStores();
  const faulty = new FaultyFileSystem(folderWith(10));
  const around = { fileSystem: faulty, stores, kernel };
  await prepareState(prepareOf({}, 10), around);
  const before = faulty.calls().length;
  const again = await prepareState(prepareOf({}, 10), around);
  assert.equal([again.meta.appliedIndex, again.rebuilt], [10, null]);
  assert.is(faulty.calls().length, before);
});

test('a damaged state is rebuilt from the newest snapshot, and says why', async () => {
  const stores = new MemoryStores();
  const around = { fileSystem: folderWith(10, 20), stores, kernel };
  await prepareState(prepareOf({}, 10), around);
  const damaged = prepareOf({ damage: 'a block fails its checksum' }, 20, 10);
  const { meta, rebuilt, setAside } = await prepareState(damaged, around);
  assert.equal([meta.appliedIndex, setAside], [20, []]);
  assert.is(rebuilt?.why, 'a block fails its checksum');
  assert.match(rebuilt?.from ?? '', snapshotPath(dir, 20));
  assert.equal(await keysOf(stores), expectedKeys(20));
});

test('a snapshot that fails its checks is set aside, and the older one is taken', async () => {
  const stores = new MemoryStores();
  const fs = folderWith(10, 20);
  damage(fs, 20);
  const around = { fileSystem: fs, stores, kernel };
  const start = prepareOf({}, 20, 10);
  const { meta, rebuilt, setAside } = await prepareState(start, around);
  assert.equal([meta.appliedIndex, setAside.length], [10, 1]);
  assert.is(fs.stat(snapshotPath(dir, 20)), null);
  assert.ok(fs.stat(setAside[0] ?? '') !== null, 'it is kept for inspection');
  assert.match(rebuilt?.from ?? '', snapshotPath(dir, 10));
  assert.equal(await keysOf(stores), expectedKeys(10));
});

test('without a sound snapshot the log alone rebuilds the state, if it has all of it', async () => {
  const stores = new MemoryStores();
  const fs = folderWith(10, 20);
  damage(fs, 10);
  damage(fs, 20);
  const around = { fileSystem: fs, stores, kernel };
  const { meta, setAside } = await prepareState(prepareOf({}, 20, 10), around);
  assert.equal([meta.appliedIndex, setAside.length], [0, 2]);
  assert.equal(await keysOf(stores), []);
});

test('a log that begins later than what is left is refused, every time', async () => {
  const stores = new MemoryStores();
  const fs = folderWith(20);
  damage(fs, 20);
  const around = { fileSystem: fs, stores, kernel };
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await prepareState(prepareOf({ logStart: 15 }), around).catch(codeOf);
    assert.is(error, 'THEMIS_SNAPSHOT_CORRUPT');
  }
});

test('a state that ends before the log begins is rebuilt from a snapshot', async () => {
  const stores = new MemoryStores();
  const around = { fileSystem: folderWith(10, 20), stores, kernel };
  await prepareState(prepareOf({}, 10), around);
  const { meta, rebuilt } = await prepareState(prepareOf({ logStart: 15 }, 20), around);
  assert.is(meta.appliedIndex, 20);
  assert.match(rebuilt?.why ?? '', 'it ends at 10');
});

test('an error that is not about the snapshot ends the preparation as it is', async () => {
  const stores = new MemoryStores();
  const faulty = new FaultyFileSystem(folderWith(10));
  faulty.inject({ operation: 'open', path: 'snapshot', error: 'EMFILE' });
  const error = await prepareState(prepareOf({}, 10), {
    fileSystem: faulty,
    stores,
    kernel,
  }).catch(codeOf);
  assert.not.equal(error, 'THEMIS_SNAPSHOT_CORRUPT');
  assert.ok(faulty.stat(snapshotPath(dir, 10)) !== null, 'the snapshot stays where it is');
});

test.run();
