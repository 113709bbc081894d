/** The arithmetic of the event-loop delay, over a source that says what it is told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLoopDelay } from '../../src/engine/event-loop-delay.js';

function fakeSource() {
  const calls: string[] = [];
  const note = (name: string): boolean => calls.push(name) > 0;
  const source = {
    count: 0,
    max: 0,
    mean: Number.NaN,
    percentile: (_: number) => 0,
    enable: () => note('enable'),
    disable: () => note('disable'),
    reset: () => {
      note('reset');
      source.count = 0;
    },
  };
  return { calls, source };
}

test('nothing measured is zero, never NaN', () => {
  const { source } = fakeSource();
  const { quantiles, ...rest } = new EventLoopDelay(source).sample();
  assert.equal(rest, { maxSeconds: 0, count: 0, sumSeconds: 0 });
  assert.ok(quantiles.every(({ seconds }) => seconds === 0));
});

test('the period of the timer is taken off, and delays are never negative', () => {
  const { source } = fakeSource();
  const delay = new EventLoopDelay(source);
  Object.assign(source, { count: 4, max: 25e6, mean: 7e6, percentile: (p: number) => p * 1e5 });
  const sample = delay.sample();
  assert.is(sample.maxSeconds, 0.02);
  assert.ok(Math.abs(sample.sumSeconds - 0.008) < 1e-12);
  const byQuantile = new Map(sample.quantiles.map((one) => [one.quantile, one.seconds]));
  assert.is(byQuantile.get('0.5'), 0);
  assert.ok(Math.abs((byQuantile.get('0.9') ?? 0) - 0.004) < 1e-12);
});

test('count and sum grow over samples, quantiles begin anew', () => {
  const { calls, source } = fakeSource();
  const delay = new EventLoopDelay(source);
  Object.assign(source, { count: 2, max: 9e6, mean: 6e6, percentile: () => 9e6 });
  delay.sample();
  const second = delay.sample();
  assert.is(second.count, 2);
  assert.is(second.maxSeconds, 0);
  assert.ok(Math.abs(second.sumSeconds - 0.002) < 1e-12);
  delay.stop();
  assert.equal(calls, ['enable', 'reset', 'reset', 'disable']);
});

test('a blocked loop shows in the real measurement', async () => {
  const delay = new EventLoopDelay();
  const turns = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await turns(30);
  const until = process.hrtime.bigint() + 60_000_000n;
  while (process.hrtime.bigint() < until);
  await turns(30);
  const { maxSeconds, count } = delay.sample();
  delay.stop();
  assert.ok(maxSeconds > 0.04, `${maxSeconds}`);
  assert.ok(count > 0);
});

test.run();
