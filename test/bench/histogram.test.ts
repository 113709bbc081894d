/** Histogram: percentiles against sorted samples, merging, and the limits of its range. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Histogram } from '../../bench/harness/index.js';

const percents = [0, 1, 25, 50, 90, 99, 99.9, 100] as const;

/** Integers of all magnitudes up to the largest tracked value. */
const latency = fc
  .tuple(fc.integer({ min: 0, max: 41 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([octave, part]) => Math.floor(2 ** octave * (1 + part)));

function nearestRank(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] as number;
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test('every percentile is within 1 % of the one of the sorted samples', () => {
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
      const histogram = histogramOf(values);
      const sorted = [...values].sort((a, b) => a - b);
      for (const percent of percents) {
        const exact = nearestRank(sorted, percent);
        const error = Math.abs(histogram.percentile(percent) - exact);
        assert.ok(error <= exact * 0.01, `p${percent}: off by ${error} of ${exact}`);
      }
    }),
  );
});

test('values below 256 are exact', () => {
  for (let value = 0; value < 256; value++) {
    const histogram = histogramOf([value, value, 100_000]);
    assert.is(histogram.percentile(50), value);
  }
});

test('minimum, maximum and count are exact', () => {
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1 }), (values) => {
      const histogram = histogramOf(values);
      assert.is(histogram.min, Math.min(...values));
      assert.is(histogram.max, Math.max(...values));
      assert.is(histogram.percentile(100), Math.max(...values));
      assert.is(histogram.count, values.length);
    }),
  );
});

test('merging equals recording everything in one', () => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (left, right) => {
      const merged = histogramOf(left);
      merged.merge(histogramOf(right));
      const whole = histogramOf([...left, ...right]);
      assert.is(merged.count, whole.count);
      assert.is(merged.min, whole.min);
      for (const percent of percents) {
        assert.is(merged.percentile(percent), whole.percentile(percent));
      }
    }),
  );
});

test('recording a value several times at once equals recording it one by one', () => {
  const atOnce = new Histogram();
  atOnce.record(5_000, 3);
  atOnce.record(70_000);
  const oneByOne = histogramOf([5_000, 5_000, 5_000, 70_000]);
  assert.equal(atOnce.percentiles(), oneByOne.percentiles());
});

test('clearing forgets everything', () => {
  const histogram = histogramOf([1, 1_000_000]);
  histogram.clear();
  assert.is(histogram.count, 0);
  assert.is(histogram.percentile(99), 0);
  assert.is(histogram.max, 0);
});

test('values beyond the range are counted, and the maximum stays exact', () => {
  const histogram = histogramOf([-5, 2 ** 50]);
  assert.is(histogram.min, 0);
  assert.is(histogram.percentile(50), 0);
  assert.is(histogram.max, 2 ** 50);
});

test.run();
