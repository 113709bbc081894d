/** The Prometheus text: its lines, and what promtool says of it. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLoopDelay } from '../../src/engine/event-loop-delay.js';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { Metrics } from '../../src/engine/metrics.js';
import { MetricsArena } from '../../src/telemetry/index.js';

function engineMetrics(sample?: (metrics: ReturnType<typeof defineMetrics>) => void) {
  const arena = new MetricsArena();
  const instruments = defineMetrics(arena);
  const metrics = new Metrics({
    arena,
    kernel: 'addon/sse42',
    version: '1.2.3',
    eventLoop: new EventLoopDelay(),
    sample: () => sample?.(instruments),
  });
  return { instruments, metrics };
}

test('a histogram is written cumulative, with sum and count', async () => {
  const arena = new MetricsArena();
  const histogram = arena.histogram('themis_test_size_bytes', 'Sizes.', [1, 10], { kind: 'a"b\\' });
  for (const value of [1, 2, 3, 11]) histogram.observe(value);
  const eventLoop = new EventLoopDelay();
  const options = { arena, kernel: 'portable', version: '0', eventLoop, sample: () => undefined };
  const metrics = new Metrics(options);
  const text = await metrics.metricsText();
  metrics.stop();
  const lines = text.split('\n').filter((line) => line.includes('themis_test'));
  assert.equal(lines, [
    '# HELP themis_test_size_bytes Sizes.',
    '# TYPE themis_test_size_bytes histogram',
    'themis_test_size_bytes_bucket{kind="a\\"b\\\\",le="1"} 1',
    'themis_test_size_bytes_bucket{kind="a\\"b\\\\",le="10"} 3',
    'themis_test_size_bytes_bucket{kind="a\\"b\\\\",le="+Inf"} 4',
    'themis_test_size_bytes_sum{kind="a\\"b\\\\"} 17',
    'themis_test_size_bytes_count{kind="a\\"b\\\\"} 4',
  ]);
});

test('each scrape shows what was counted and sampled until then', async () => {
  let lag = 5;
  const { instruments, metrics } = engineMetrics((own) => own.applyLagOperations.set(lag));
  instruments.operations.put.add(3);
  instruments.countError('THEMIS_OVERLOADED');
  const first = await metrics.metricsText();
  assert.match(first, /^themis_engine_operations_total\{operation="put"\} 3$/m);
  assert.match(first, /^themis_engine_errors_total\{code="THEMIS_OVERLOADED"\} 1$/m);
  assert.match(first, /^themis_state_apply_lag_operations 5$/m);
  assert.match(first, /^themis_build_info\{kernel="addon\/sse42",version="1\.2\.3"\} 1$/m);
  assert.match(first, /^themis_eventloop_delay_seconds\{quantile="0.99"\} \d/m);
  assert.match(first, /^themis_eventloop_delay_seconds_count \d/m);
  instruments.operations.put.inc();
  lag = 6;
  const second = await metrics.metricsText();
  metrics.stop();
  assert.match(second, /^themis_engine_operations_total\{operation="put"\} 4$/m);
  assert.match(second, /^themis_state_apply_lag_operations 6$/m);
});

test('a scrape that cannot sample fails instead of showing old numbers', async () => {
  const { metrics } = engineMetrics(() => {
    throw new RangeError('closed');
  });
  const outcome = await metrics.metricsText().then(String, (error: unknown) => error);
  metrics.stop();
  assert.instance(outcome, RangeError);
});

test('two engines in one process do not share numbers', async () => {
  const [a, b] = [engineMetrics(), engineMetrics()];
  a.instruments.operations.get.inc();
  assert.match(await b.metrics.metricsText(), /\{operation="get"\} 0$/m);
  a.metrics.stop();
  b.metrics.stop();
});

test('promtool finds nothing to say about the metrics', async () => {
  const { instruments, metrics } = engineMetrics();
  instruments.logSyncSeconds.observe(0.002);
  const input = await metrics.metricsText();
  metrics.stop();
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input,
    encoding: 'utf8',
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    console.log('skip: promtool check metrics: needs prometheus');
    return;
  }
  assert.is(`${stdout}${stderr}`, '');
  assert.is(status, 0);
});

test.run();
