/** Lanes: threads count the same series without losing each other's counts. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { attachLane, MetricsArena } from '../../src/telemetry/index.js';

test('lanes of one series are added up', () => {
  const arena = new MetricsArena();
  const main = arena.counter('themis_test_events_total', 'x', { kind: 'a' });
  arena.histogram('themis_test_wait_seconds', 'y', [1]);
  const layout = arena.layout();
  const log = attachLane(layout, 'log');
  const state = attachLane(layout, 'state');
  main.inc();
  log.counter('themis_test_events_total', { kind: 'a' }).add(10);
  state.counter('themis_test_events_total', { kind: 'a' }).add(100);
  log.histogram('themis_test_wait_seconds').observe(0.5);
  state.histogram('themis_test_wait_seconds').observe(2);
  assert.is(arena.read('themis_test_events_total').series[0]?.value, 111);
  assert.equal(arena.read('themis_test_wait_seconds').series[0]?.counts, [1, 1]);
});

test('a name that is unknown, has other labels or another kind is a defect', () => {
  const arena = new MetricsArena();
  arena.gauge('themis_test_lag', 'x', { kind: 'a' });
  const lane = attachLane(arena.layout(), 'log');
  assert.throws(() => lane.gauge('themis_test_gap'), /themis_test_gap\{\} is defined/);
  assert.throws(() => lane.gauge('themis_test_lag'), /is defined/);
  assert.throws(() => lane.counter('themis_test_lag', { kind: 'a' }), /is a gauge, not a counter/);
  lane.gauge('themis_test_lag', { kind: 'a' }).set(4);
  assert.is(arena.read('themis_test_lag').series[0]?.value, 4);
});

test('threads that count at the same time lose nothing', async () => {
  const arena = new MetricsArena();
  const main = arena.counter('themis_test_events_total', 'x');
  const layout = arena.layout();
  const rounds = 200_000;
  const entry = `
    import { workerData } from 'node:worker_threads';
    const { attachLane } = await import(workerData.telemetry);
    const lane = attachLane(workerData.layout, workerData.lane);
    const counter = lane.counter('themis_test_events_total');
    for (let i = 0; i < workerData.rounds; i++) counter.inc();`;
  const telemetry = new URL('../../src/telemetry/index.js', import.meta.url).href;
  const ends = (['log', 'state'] as const).map((lane) => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(entry)}`);
    const worker = new Worker(url, { workerData: { layout, lane, rounds, telemetry } });
    return new Promise<number>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', resolve);
    });
  });
  for (let i = 0; i < rounds; i++) main.inc();
  assert.equal(await Promise.all(ends), [0, 0]);
  assert.is(arena.read('themis_test_events_total').series[0]?.value, 3 * rounds);
});

test.run();
