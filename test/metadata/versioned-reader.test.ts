/** Reads at versions: damage is never served, and a version stays while it is read. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { MemoryStores } from '../../src/metadata/index.js';
import { historyKey, versionsKey } from '../../src/metadata/state-key.js';
import { StateUnderTest } from './state-under-test.js';

const path = '/state';
const key = Uint8Array.of(1);

/** A key with a current value and an older one that a snapshot reads. */
async function withHistory(stores: MemoryStores): Promise<{ state: StateUnderTest; held: number }> {
  const state = new StateUnderTest(stores, path);
  await state.open();
  for (const text of ['old', 'new']) {
    state.commit([{ key, value: Uint8Array.from(Buffer.from(text)) }]);
    await state.apply(state.committed);
    if (text === 'old') state.live.acquire(1);
  }
  return { state, held: 1 };
}

test('each flipped byte of what is stored is noticed by every read that needs it', async () => {
  for (const stored of [key, versionsKey(key), historyKey(key, 1)]) {
    const stores = new MemoryStores();
    const { state, held } = await withHistory(stores);
    const length = state.store.getSync(stored)?.length ?? 0;
    assert.ok(length > 0);
    for (let at = 0; at < length; at++) {
      const flip = (record: Uint8Array): Uint8Array => {
        record[at] = (record[at] as number) ^ 0x10;
        return record;
      };
      stores.damage(path, stored, flip);
      const { reader } = state;
      await corrupt(() => reader.getSync(key, held), `getSync, byte ${at}`);
      await corrupt(() => reader.get(key, held), `get, byte ${at}`);
      await corrupt(() => reader.getMany([key], held), `getMany, byte ${at}`);
      if (stored === key) {
        await corrupt(() => reader.getSync(key, 2), `getSync of the latest, byte ${at}`);
        await corrupt(() => reader.get(key, 2), `get of the latest, byte ${at}`);
        await corrupt(() => reader.getMany([key], 2), `getMany of the latest, byte ${at}`);
      }
      // Iterators read the history without the lists of versions.
      if (stored[1] !== versionsKey(key)[1]) {
        await corrupt(() => state.entries({}, held, 9), `iterate, byte ${at}`);
      }
      stores.damage(path, stored, flip);
      assert.equal(reader.getSync(key, held), Buffer.from('old'));
    }
  }
});

test('damage that the applier would keep as history ends the applying', async () => {
  const stores = new MemoryStores();
  const { state } = await withHistory(stores);
  state.live.acquire(2);
  stores.damage(path, key, (record) => record.fill(7, 12));
  state.commit([{ key, value: null }]);
  await corrupt(() => state.apply(3), 'apply');
});

test('a listed history record that is missing is damage, not absence', async () => {
  const { state, held } = await withHistory(new MemoryStores());
  const batch = state.store.batch();
  batch.delete(historyKey(key, 1));
  await state.store.write(batch, { sync: false });
  await corrupt(() => state.reader.getSync(key, held), 'getSync');
  await corrupt(() => state.reader.get(key, held), 'get');
});

test('a pending value is a copy: the ring may change under it', async () => {
  const state = new StateUnderTest(new MemoryStores(), path);
  await state.open();
  state.commit([{ key, value: Uint8Array.of(5, 6) }]);
  const found = state.reader.getSync(key, 1);
  state.memory.fill(0);
  assert.equal(found, Buffer.of(5, 6));
});

test('a read whose snapshot is closed before the answer still gets its version', async () => {
  const { state, held } = await withHistory(new MemoryStores());
  const answer = state.reader.get(key, held);
  state.live.release(held);
  while (await state.applier.prune());
  assert.equal(await answer, Buffer.from('old'));
  assert.is(state.live.count, 0, 'the read let go of the version');
});

async function corrupt(read: () => unknown, what: string): Promise<void> {
  try {
    await read();
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_STATE_CORRUPT'), `${what}: ${error}`);
    return;
  }
  assert.unreachable(`${what}: damage was served`);
}

test.run();
