/** Latency summaries. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LatencyRecorder, latencyRows, latencyText } from '../../../src/admin/cli/latency.js';

test('percentiles are within a thousandth of the truth', () => {
  const recorder = new LatencyRecorder();
  for (let i = 1; i <= 1000; i++) recorder.record(i / 10);
  const { count, p50Ms, p99Ms, p999Ms, maxMs } = recorder.summary();
  assert.is(count, 1000);
  const near = (found: number, wanted: number): void =>
    assert.ok(Math.abs(found - wanted) <= wanted * 0.002, `${found} near ${wanted}`);
  near(p50Ms, 50);
  near(p99Ms, 99);
  near(p999Ms, 99.9);
  near(maxMs, 100);
});

test('nothing recorded is all zero, and shorter than a nanosecond is one', () => {
  const recorder = new LatencyRecorder();
  assert.equal(recorder.summary(), { count: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 });
  recorder.record(0);
  assert.is(recorder.summary().count, 1);
});

test('texts name their percentile', () => {
  const latency = { count: 2, p50Ms: 0.4, p99Ms: 2, p999Ms: 3, maxMs: 4 };
  assert.is(latencyText(latency), 'p50 400 µs, p99 2 ms');
  assert.equal(
    latencyRows(latency).map(({ label, text }) => `${label} ${text}`),
    ['p50 400 µs', 'p99 2 ms', 'p99.9 3 ms', 'max 4 ms'],
  );
});

test.run();
