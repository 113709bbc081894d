/** Snapshots of the state: what they contain, and that a damaged record ends up in none. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { FaultyFileSystem, type FileSystem, MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import { MemoryStores, writeStateSnapshot } from '../../src/metadata/index.js';
import { openSnapshot, prepareSnapshots } from '../../src/wal/index.js';
import { clusterId, StateUnderTest } from './state-under-test.js';

const directory = '/data';
const statePath = '/state';
const nodeId = new Uint8Array(16).fill(7);

function dataFolder(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(directory);
  prepareSnapshots(fs, directory);
  return fs;
}

async function stateWith(stores: MemoryStores, count: number): Promise<StateUnderTest> {
  const state = new StateUnderTest(stores, statePath);
  await state.open();
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(`key-${i % 50}`);
    state.commit([{ key, value: i % 7 === 6 ? null : Buffer.from(`value-${i}`) }]);
  }
  await state.apply(count);
  return state;
}

function write(fileSystem: FileSystem, state: StateUnderTest) {
  const ids = { clusterId, nodeId, membershipEpoch: 3, wallMs: 1000 };
  return writeStateSnapshot({ store: state.store, fileSystem, kernel, directory, ...ids });
}

test('a snapshot holds every key of the state, with value and version, in order', async () => {
  const fs = dataFolder();
  const state = await stateWith(new MemoryStores(), 60);
  // History and other reserved records are none of a snapshot's business.
  state.live.acquire(60);
  state.commit([{ key: Buffer.from('key-1'), value: Buffer.from('newer') }]);
  state.commit([{ key: Uint8Array.of(0xff, 1), value: Buffer.from('escaped') }]);
  await state.apply(62);
  const written = await write(fs, state);
  const reader = openSnapshot(fs.crash('drop-unsynced'), written.path, kernel, {
    clusterId,
    nodeId,
  });
  const found: [string, string][] = [];
  for (const { key, value, version } of reader.entries()) {
    assert.ok(version >= 1 && version <= 62);
    found.push([Buffer.from(key).toString('hex'), Buffer.from(value).toString('hex')]);
  }
  assert.equal(found, state.expectedEntries({}, 62));
  const { index, ballot, entries, membershipEpoch } = reader.manifest;
  assert.equal([index, ballot, entries, membershipEpoch], [62, 1, found.length, 3]);
  assert.equal([written.index, written.entries], [62, found.length]);
  state.live.release(60);
  await state.close();
});

test('what is written meanwhile is not in it: index and records are of one moment', async () => {
  const fs = dataFolder();
  const state = await stateWith(new MemoryStores(), 20);
  const writing = write(fs, state);
  state.commit([{ key: Buffer.from('later'), value: Buffer.from('x') }]);
  await state.apply(21);
  const written = await writing;
  const reader = openSnapshot(fs, written.path, kernel, { clusterId, nodeId });
  const keys = [...reader.entries()].map(({ key }) => Buffer.from(key).toString());
  assert.is(written.index, 20);
  assert.not(keys.includes('later'));
  await state.close();
});

test('a damaged record ends the snapshot, and leaves nothing that looks like one', async () => {
  const fs = dataFolder();
  const stores = new MemoryStores();
  const state = await stateWith(stores, 20);
  stores.damage(statePath, Buffer.from('key-3'), (record) => {
    const damaged = Uint8Array.from(record);
    damaged[14] = (damaged[14] as number) ^ 1;
    return damaged;
  });
  const error = await write(fs, state).catch(codeOf);
  assert.is(error, 'THEMIS_STATE_CORRUPT');
  const names = fs.list(`${directory}/snapshots`);
  assert.not(
    names.some((name) => name.endsWith('.snapshot')),
    names.join(),
  );
  await state.close();
});

test('a disk that fails while it is written leaves no snapshot', async () => {
  const fs = dataFolder();
  const faulty = new FaultyFileSystem(fs);
  const state = await stateWith(new MemoryStores(), 20);
  faulty.inject({ operation: 'sync', path: 'snapshot', error: 'EIO' });
  assert.ok(codeOf(await write(faulty, state).catch((error: unknown) => error)) !== undefined);
  assert.not(fs.list(`${directory}/snapshots`).some((name) => name.endsWith('.snapshot')));
  faulty.heal();
  assert.is((await write(faulty, state)).index, 20);
  await state.close();
});

test.run();
