/** Gets of one tick share a call of the store, and each gets its own answer. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { type KeyValueStore, MemoryStores } from '../../src/metadata/index.js';
import { ReadBatch } from '../../src/metadata/read-batch.js';

const key = Uint8Array.of(1);
const keyOf = (i: number): Uint8Array => Uint8Array.of(i & 0xff, i >>> 8);

/** A store of 1,000 keys, each its own value, that counts its calls. */
async function counted(): Promise<{ batch: ReadBatch; calls: string[] }> {
  const store = await new MemoryStores().open('/state');
  const written = store.batch();
  for (let i = 0; i < 1_000; i++) written.put(keyOf(i), keyOf(i));
  await store.write(written, { sync: false });
  const calls: string[] = [];
  const spied: KeyValueStore = Object.assign(Object.create(store), {
    get: (one: Uint8Array) => {
      calls.push('get');
      return store.get(one);
    },
    getMany: (many: Uint8Array[]) => {
      calls.push(`getMany ${many.length}`);
      return store.getMany(many);
    },
  });
  return { batch: new ReadBatch(spied), calls };
}

test('gets of one tick are one call; a lone get is a get; many are shared out', async () => {
  const { batch, calls } = await counted();
  await batch.get(key);
  await Promise.all([batch.get(key), Promise.resolve().then(() => 0), batch.get(key)]);
  const many = Array.from({ length: limits.readBatchKeysMax * 2 + 1 }, (_, i) => keyOf(i));
  const found = await Promise.all(many.map((one) => batch.get(one)));
  assert.equal(
    found,
    many.map((one) => Buffer.from(one)),
  );
  const full = `getMany ${limits.readBatchKeysMax}`;
  assert.equal(calls, ['get', 'getMany 2', full, full, 'get']);
});

test('callers that go on together stay together', async () => {
  const { batch, calls } = await counted();
  const caller = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await batch.get(key);
  };
  await Promise.all(Array.from({ length: 64 }, caller));
  assert.equal(calls, ['getMany 64', 'getMany 64', 'getMany 64']);
});

test('a failed call fails every get that shared it, and none after it', async () => {
  const store = await new MemoryStores().open('/state');
  let broken = true;
  const failing: KeyValueStore = Object.assign(Object.create(store), {
    getMany: (keys: Uint8Array[]) => {
      if (!broken) return store.getMany(keys);
      return Promise.reject(new ThemisError('THEMIS_IO', 'the disk is gone'));
    },
  });
  const batch = new ReadBatch(failing);
  const outcomes = await Promise.allSettled([batch.get(key), batch.get(keyOf(2))]);
  for (const outcome of outcomes) {
    assert.is(outcome.status, 'rejected');
    if (outcome.status === 'rejected') assert.ok(isThemisError(outcome.reason, 'THEMIS_IO'));
  }
  broken = false;
  assert.equal(await Promise.all([batch.get(key), batch.get(key)]), [undefined, undefined]);
});

test.run();
