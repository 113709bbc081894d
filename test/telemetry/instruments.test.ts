/** Instruments count exactly what they are told, into their own slots only. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Counter, Gauge, Histogram } from '../../src/telemetry/instruments.js';

test('a counter counts into its slot and no other', () => {
  const slots = new Float64Array(3);
  const counter = new Counter(slots, 1);
  counter.inc();
  counter.add(2.5);
  assert.equal([...slots], [0, 3.5, 0]);
});

test('a counter stays exact beyond 32 bits', () => {
  const slots = new Float64Array(1);
  const counter = new Counter(slots, 0);
  counter.add(2 ** 52);
  counter.inc();
  assert.is(slots[0], 2 ** 52 + 1);
});

test('a gauge is set and moved both ways', () => {
  const slots = new Float64Array(2);
  const gauge = new Gauge(slots, 1);
  gauge.set(7);
  gauge.add(-3);
  assert.equal([...slots], [0, 4]);
});

test('a histogram puts an observation under the first bound that is not below it', () => {
  const at = (value: number): number => {
    const slots = new Float64Array(6);
    new Histogram(slots, 1, [1, 2, 5]).observe(value);
    assert.is(slots[0], 0);
    return slots.subarray(1, 5).indexOf(1);
  };
  const cases = [
    [0, 0],
    [1, 0],
    [1.001, 1],
    [2, 1],
    [5, 2],
    [5.1, 3],
    [Number.POSITIVE_INFINITY, 3],
    [-4, 0],
    [Number.NaN, 0],
  ] as const;
  for (const [value, bucket] of cases) assert.is(at(value), bucket, String(value));
});

test('a histogram agrees with a count by hand, for any bounds and values', () => {
  const bounds = fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 })
    .map((values) => values.sort((a, b) => a - b));
  fc.assert(
    fc.property(bounds, fc.array(fc.integer({ min: 0, max: 70 })), (limits, values) => {
      const slots = new Float64Array(limits.length + 2);
      const histogram = new Histogram(slots, 0, limits);
      for (const value of values) histogram.observe(value);
      const expected = new Array<number>(limits.length + 1).fill(0);
      for (const value of values) {
        const found = limits.findIndex((bound) => value <= bound);
        const bucket = found < 0 ? limits.length : found;
        expected[bucket] = (expected[bucket] ?? 0) + 1;
      }
      const sum = values.reduce((total, value) => total + value, 0);
      assert.equal([...slots], [...expected, sum]);
    }),
  );
});

test.run();
