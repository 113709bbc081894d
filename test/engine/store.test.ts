/** The store over memory twins: what reads see, cursors that wait, failure, health and closing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import type { Store } from '../../src/engine/store.js';
import type { StoreCursor } from '../../src/engine/store-cursor.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import {
  bytesOf,
  codeOfFailure,
  contentsOf,
  finished,
  newMachine,
  openOn,
  textOf,
} from '../crash/memory-machine.js';

async function keysOf(cursor: StoreCursor): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const entries = await cursor.nextv(3);
    if (entries.length === 0) break;
    keys.push(...entries.map(([key]) => textOf(key)));
  }
  await cursor.close();
  return keys;
}

async function fill(store: Store, ...names: string[]): Promise<void> {
  const value = bytesOf('v');
  await store.write(names.map((name) => ({ type: 'put', key: bytesOf(name), value })));
}

test('every kind of read sees what is acknowledged, applied or not', async () => {
  const { store } = await openOn(newMachine());
  const key = bytesOf('k');
  for (let i = 0; i < 50; i++) {
    await store.put(key, bytesOf(`${i}`));
    assert.is(textOf(store.getSync(key)), `${i}`);
    assert.is(textOf(await store.get(key)), `${i}`);
    const [found, missing] = await store.getMany([key, bytesOf('none')]);
    assert.equal([textOf(found), missing], [`${i}`, undefined]);
  }
  await store.delete(key);
  assert.is(store.getSync(key), undefined);
  await store.close();
});

test('a cursor that is created before the state has applied waits, and is exact', async () => {
  const { store } = await openOn(newMachine());
  for (let round = 0; round < 20; round++) {
    await fill(store, `a${round}`, `b${round}`);
    const cursor = store.iterate({});
    const later = store.put(bytesOf(`c${round}`), bytesOf('later'));
    const keys = await keysOf(cursor);
    assert.is(keys.length, 2 * (round + 1) + round, 'what came after is not in it');
    await later;
  }
  assert.is(store.status().liveSnapshots, 0, 'nothing is held any more');
  await store.close();
});

test('a cursor can be moved and closed while it still waits', async () => {
  const { store } = await openOn(newMachine());
  await fill(store, 'a', 'b', 'c', 'd');
  const moved = store.iterate({});
  moved.seek(bytesOf('c'));
  assert.equal(await keysOf(moved), ['c', 'd']);
  await fill(store, 'e');
  const unread = store.iterate({});
  await unread.close();
  assert.is(store.status().liveSnapshots, 0);
  await store.close();
});

test('a range is cleared in rounds, up to its limit, as of the moment of the call', async () => {
  const { store } = await openOn(newMachine());
  const names = Array.from({ length: 2500 }, (_, i) => `k${String(i).padStart(5, '0')}`);
  for (let i = 0; i < names.length; i += 500) await fill(store, ...names.slice(i, i + 500));
  const clearing = store.clear({ lt: bytesOf('k02400') }, 2300);
  const written = fill(store, 'k00000-later');
  await clearing;
  await written;
  assert.equal(await keysOf(store.iterate({})), ['k00000-later', ...names.slice(2300)]);
  await store.clear({}, Number.POSITIVE_INFINITY);
  assert.equal(await keysOf(store.iterate({})), []);
  await store.close();
});

test('snapshots are bounded; a held version is read as it was', async () => {
  const { store } = await openOn(newMachine());
  await fill(store, 'k');
  const version = store.acquireSnapshot();
  await store.delete(bytesOf('k'));
  assert.is(textOf(store.getSync(bytesOf('k'), version)), 'v');
  assert.equal(await keysOf(store.iterate({}, version)), ['k']);
  for (let held = 1; held < limits.liveSnapshotsMax; held++) store.acquireSnapshot();
  const refused = await codeOfFailure((async () => store.acquireSnapshot())());
  assert.is(refused, 'THEMIS_SNAPSHOT_LIMIT');
  store.releaseSnapshot(version);
  await store.close();
});

test('a healthy store says so; one whose log failed refuses writes and says why', async () => {
  const machine = newMachine();
  const faulty = new FaultyFileSystem(machine.files);
  const { store, backend } = await openOn(machine, {}, faulty);
  await fill(store, 'k');
  assert.equal(store.health(), { verdict: 'healthy', findings: [], devices: [], shards: [] });
  faulty.inject({ operation: 'write', path: '.wal', error: 'EIO' });
  assert.is(await codeOfFailure(fill(store, 'lost')), 'THEMIS_LOG_FAILED');
  assert.is(store.health().verdict, 'failed');
  assert.match(store.health().findings[0] ?? '', 'EIO');
  assert.is(await codeOfFailure((async () => fill(store, 'late'))()), 'THEMIS_LOG_FAILED');
  assert.is(textOf(await store.get(bytesOf('k'))), 'v', 'what was acknowledged can be read');
  await finished(codeOfFailure(store.close()), () => backend.tick());
  faulty.heal();
  const again = await openOn(machine);
  assert.is(textOf(again.store.getSync(bytesOf('k'))), 'v');
  await again.store.close();
});

test('closing answers what was proposed before it; later calls are refused', async () => {
  const machine = newMachine();
  const { store } = await openOn(machine);
  const writes = ['a', 'b', 'c'].map((name) => fill(store, name));
  await store.close();
  await Promise.all(writes);
  const refused = await codeOfFailure((async () => store.put(bytesOf('d'), bytesOf('x')))());
  assert.is(refused, 'THEMIS_CLOSED');
  const again = await openOn(machine);
  assert.equal([...(await contentsOf(again.store)).keys()], ['a', 'b', 'c']);
  await again.store.close();
});

test('a snapshot of the state survives what rots in the state', async () => {
  const machine = newMachine();
  const { store } = await openOn(machine);
  await fill(store, 'a', 'b');
  await store.takeSnapshot();
  assert.ok(store.status().snapshotIndex >= 1);
  await fill(store, 'c');
  await store.close();
  machine.stores.remove('/data/state');
  const again = await openOn(machine);
  assert.equal([...(await contentsOf(again.store)).keys()], ['a', 'b', 'c']);
  assert.is(again.store.health().verdict, 'degraded');
  await again.store.close();
});

test.run();
