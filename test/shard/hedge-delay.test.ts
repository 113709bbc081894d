/** The hedge's delay follows what is usual, in the mean and in how far reads stray from it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { HedgeDelay } from '../../src/shard/hedge-delay.js';

function after(times: readonly number[], bytes = MiB): number {
  const delay = new HedgeDelay();
  for (const ms of times) delay.observe(MiB, ms);
  return delay.after(bytes);
}

const steady = Array.from({ length: 50 }, () => 100);
const wild = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 20 : 180));

test('without experience, and with fast reads, it is the least delay', () => {
  assert.is(after([]), limits.blobHedgeMsMin);
  assert.is(after([0.1, 0.2, 0.1]), limits.blobHedgeMsMin);
});

test('steady reads are late soon behind their usual time, scattered ones much later', () => {
  assert.ok(after(steady) >= 100 && after(steady) < 120);
  assert.ok(after(wild) > 300);
});

test('a larger read may take longer', () => {
  assert.ok(after(steady, 8 * MiB) > 4 * after(steady, MiB));
});

test('it adapts when the device becomes slower or faster', () => {
  assert.ok(after([...steady, ...steady.map(() => 400)]) > 390);
  assert.ok(after([...steady.map(() => 400), ...steady]) < 200);
});

test.run();
