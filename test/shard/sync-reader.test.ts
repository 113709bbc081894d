/** Reads that return with the value: the same bytes, damage and errors as those of threads. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { seededRandom } from '../../src/io/index.js';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import type { FragmentDamage } from '../../src/shard/read-judge.js';
import { ReadSlab } from '../../src/shard/read-slab.js';
import { SyncReader } from '../../src/shard/sync-reader.js';
import { clusterId, fixture, manifestOf, put, randomValue, small } from './blob-fixture.js';

async function reader() {
  const { store, devices } = fixture();
  const value = randomValue(small);
  const manifest = manifestOf(await put(store, value));
  const damages: FragmentDamage[] = [];
  const { fileSystem } = devices;
  const slab = new ReadSlab(seededRandom(1).stream('slab'));
  const one = new SyncReader({
    devices,
    fileSystem,
    kernel,
    coding: portableCoding,
    clusterId,
    damaged: (damage) => damages.push(damage),
    slab,
  });
  const read = (start: number, end: number) => one.read(manifest, start, end);
  return { one, slab, read, value, manifest, devices, damages };
}

test('values and ranges, around damage, which is told', async () => {
  const { one, read, value, manifest, devices, damages } = await reader();
  assert.ok(read(0, small).equals(value));
  assert.is(read(5, 5).length, 0);
  devices.damage(manifest.blob, 0, 0);
  assert.ok(read(10, 70_000).equals(value.subarray(10, 70_000)));
  assert.equal(
    damages.map(({ number }) => number),
    [0],
  );
  one.close();
  assert.ok(read(0, small).equals(value), 'it opens again what it closed');
});

test('a lost value is said, once it is certain that nothing moved', async () => {
  const { read, manifest, devices } = await reader();
  for (const number of [0, 1, 2]) devices.damage(manifest.blob, 0, number);
  let code: string | undefined;
  try {
    read(0, small);
  } catch (error) {
    code = codeOf(error);
  }
  assert.is(code, 'THEMIS_BLOB_LOST');
});

test('memory that others use is not waited for', async () => {
  const { slab, read, value } = await reader();
  const taken = slab.takeNow(limits.blobReadMemoryBytes);
  let code: string | undefined;
  try {
    read(0, small);
  } catch (error) {
    code = codeOf(error);
  }
  assert.is(code, 'THEMIS_OVERLOADED');
  slab.free(taken);
  assert.ok(read(0, small).equals(value));
});

test.run();
