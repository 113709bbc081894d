/** The history: what snapshots read is kept, all of it and nothing else. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { type KeyRange, MemoryStores } from '../../src/metadata/index.js';
import { historyRange, versionsRange } from '../../src/metadata/state-key.js';
import { StateUnderTest } from './state-under-test.js';

test('history is kept only for the versions that snapshots read', async () => {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const put = async (value: number): Promise<void> => {
    state.commit([{ key: Uint8Array.of(1), value: Uint8Array.of(value) }]);
    await state.apply(state.committed);
  };
  await put(1);
  await put(2);
  assert.is(state.live.historyRecords, 0, 'nothing is kept while no snapshot is open');
  state.live.acquire(2);
  for (let i = 3; i < 10; i++) await put(i);
  assert.is(state.live.historyRecords, 1, 'one value per snapshot, however often it is replaced');
  state.live.acquire(9);
  await put(10);
  assert.is(state.live.historyRecords, 2);
  state.live.release(2);
  while (await state.applier.prune());
  assert.is(state.live.historyRecords, 1, 'a closed snapshot gives up its value');
  assert.is(await recordsIn(state, historyRange), 1, 'which is gone from the store as well');
  assert.equal(state.reader.getSync(Uint8Array.of(1), 9), Buffer.of(9));
});

async function recordsIn(state: StateUnderTest, space: KeyRange): Promise<number> {
  const iterator = state.store.iterate(space);
  const entries = await iterator.nextv(100);
  await iterator.close();
  return entries.length;
}

test('pruning goes in bounded steps and reaches every key', async () => {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const keys = Array.from({ length: limits.pruneRecordsMax + 10 }, (_, i) =>
    Uint8Array.of(i >>> 8, i & 0xff),
  );
  const all = (byte: number) => keys.map((key) => ({ key, value: Uint8Array.of(byte) }));
  state.commit(all(1));
  await state.apply(1);
  state.live.acquire(1);
  state.commit(all(2));
  await state.apply(2);
  assert.is(state.live.historyRecords, keys.length);
  // Another snapshot stays, so that history is looked through instead of cleared.
  state.live.acquire(2);
  state.live.release(1);
  assert.is(await state.applier.prune(), true, 'there is more');
  assert.is(state.live.historyRecords, 10, 'one step looks at a bounded part');
  assert.is(await state.applier.prune(), false);
  assert.is(state.live.historyRecords, 0);
  assert.is(await recordsIn(state, historyRange), 0);
  assert.is(await recordsIn(state, versionsRange), 0);
});

test('several versions of a key in one batch are each kept for their snapshot', async () => {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const key = Uint8Array.of(1);
  for (let version = 1; version <= 4; version++) {
    state.commit([{ key, value: Uint8Array.of(version) }]);
    if (version !== 2) state.live.acquire(version);
  }
  await state.apply(4);
  assert.is(state.live.historyRecords, 2, 'versions 1 and 3; nobody reads 2, and 4 is current');
  for (const version of [1, 3, 4]) {
    assert.equal(state.reader.getSync(key, version), Buffer.of(version));
  }
});

test.run();
