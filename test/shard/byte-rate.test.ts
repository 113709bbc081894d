/** A rate is kept on the average, without bursts, and lets go when it is released. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { ByteRate } from '../../src/shard/byte-rate.js';

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test('so many bytes take so long', async () => {
  const clock = new ManualClock();
  const rate = new ByteRate(clock, memoryTimers(clock));
  let read = 0;
  const reader = (async () => {
    for (let i = 0; i < 20; i++) {
      await rate.take(1000, 10_000);
      read += 1000;
    }
  })();
  for (let ms = 0; ms < 1000; ms += 50) {
    await turns();
    assert.ok(read <= ms * 10 + 1000, `${read} bytes after ${ms} ms`);
    clock.advance(50);
  }
  await turns();
  assert.is(read, 10_000);
  rate.release();
  for (let i = 0; i < 20; i++) {
    clock.advance(100);
    await turns();
  }
  await reader;
});

test('small amounts add up before anybody waits', async () => {
  const clock = new ManualClock();
  const rate = new ByteRate(clock, memoryTimers(clock));
  for (let i = 0; i < 9; i++) await rate.take(10, 100_000);
  let isThrough = false;
  const waiting = rate.take(10_000, 100_000).then(() => {
    isThrough = true;
  });
  await turns();
  assert.not(isThrough);
  rate.release();
  await waiting;
  assert.ok(isThrough, 'released');
});

test.run();
