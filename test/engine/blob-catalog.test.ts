/** The catalog: what the state's registry names, in order, from any place on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { BlobCatalog } from '../../src/engine/blob-catalog.js';
import { portableKernel } from '../../src/kernel/index.js';
import { MemoryStores } from '../../src/metadata/index.js';
import { blobKey } from '../../src/metadata/state-key.js';
import { encodeBlobEntry } from '../../src/metadata/state-record.js';

const blobs = [3, 2 ** 32 + 1, 2 ** 32 + 2, 2 ** 40];

async function catalogOf(numbers: readonly number[]) {
  const store = await new MemoryStores().open('/state');
  const batch = store.batch();
  for (const blob of numbers) {
    const key = Buffer.from(`key of ${blob}`);
    const record = encodeBlobEntry(portableKernel, blob, key, Buffer.alloc(40, blob % 251));
    batch.put(blobKey(blob), record);
  }
  await store.write(batch, { sync: true });
  return { store, catalog: new BlobCatalog(store, portableKernel) };
}

test('blobs are listed in the order of their numbers, some at a time', async () => {
  const { catalog } = await catalogOf(blobs);
  const numbers = async (after: number, count: number) =>
    (await catalog.list(after, count)).map(({ blob }) => blob);
  assert.equal(await numbers(0, 10), blobs);
  assert.equal(await numbers(0, 2), blobs.slice(0, 2));
  assert.equal(await numbers(2 ** 32 + 1, 2), blobs.slice(2));
  assert.equal(await numbers(2 ** 40, 2), []);
  assert.equal([...(await catalog.blobs())], blobs);
  assert.is(await catalog.highest(), 2 ** 40);
  const [first] = await catalog.list(0, 1);
  assert.is(String(first?.key), 'key of 3');
  assert.equal(first?.manifest, Buffer.alloc(40, 3));
});

test('an empty catalog says so', async () => {
  const { catalog } = await catalogOf([]);
  assert.equal(await catalog.list(0, 1), []);
  assert.is((await catalog.blobs()).size, 0);
  assert.is(await catalog.highest(), 0);
});

test('a damaged entry is refused, never passed over', async () => {
  const { store, catalog } = await catalogOf(blobs);
  const batch = store.batch();
  batch.put(blobKey(3), Buffer.alloc(60, 1));
  await store.write(batch, { sync: true });
  assert.is(await catalog.list(0, 9).catch(codeOf), 'THEMIS_STATE_CORRUPT');
  assert.is(await catalog.blobs().catch(codeOf), 'THEMIS_STATE_CORRUPT');
});

test.run();
