/** The memory store: the contract, and what a crash may leave. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { type KeyValueStore, MemoryStores } from '../../src/metadata/index.js';
import { keyValueStoreContract } from '../contract/key-value-store.js';

keyValueStoreContract(test, 'memory', () => {
  let folders = 0;
  return { stores: new MemoryStores(), path: () => `/store-${folders++}` };
});

const place = '/state';
const key = (n: number): Uint8Array => Uint8Array.of(n);

async function write(store: KeyValueStore, n: number, sync: boolean): Promise<void> {
  const batch = store.batch();
  batch.put(key(n), key(n));
  await store.write(batch, { sync });
}

test('a crash keeps what was synced and a prefix of the batches after it', async () => {
  for (let kept = 0; kept <= 2; kept++) {
    const stores = new MemoryStores();
    const store = await stores.open(place);
    await write(store, 1, false);
    await write(store, 2, true);
    await write(store, 3, false);
    await write(store, 4, false);
    assert.is(stores.unsynced(place), 2);
    stores.crash(place, kept);
    const again = await stores.open(place);
    const found = [1, 2, 3, 4].filter((n) => again.getSync(key(n)) !== undefined);
    assert.equal(found, [1, 2, 3, 4].slice(0, 2 + kept));
  }
});

test('handles from before a crash are dead', async () => {
  const stores = new MemoryStores();
  const store = await stores.open(place);
  stores.crash(place, 0);
  assert.throws(
    () => store.getSync(key(1)),
    (error: unknown) => isThemisError(error, 'THEMIS_CLOSED'),
  );
});

test('damage is unnoticed by the store, and a refusal hits open', async () => {
  const stores = new MemoryStores();
  const store = await stores.open(place);
  await write(store, 1, false);
  stores.damage(place, key(1), () => key(9));
  assert.is(store.getSync(key(1))?.[0], 9);
  stores.refuse(place, new ThemisError('THEMIS_STATE_CORRUPT', 'broken'));
  try {
    await stores.open(place);
    assert.unreachable('a refused folder was opened');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_STATE_CORRUPT'));
  }
  stores.refuse(place, null);
  await stores.open(place);
});

test.run();
