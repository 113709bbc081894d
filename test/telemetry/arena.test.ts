/** The arena: definitions, room, reading. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';

test('series keep apart, and a family reads all of its own', () => {
  const arena = new MetricsArena();
  const put = arena.counter('themis_test_operations_total', 'x', { operation: 'put' });
  const get = arena.counter('themis_test_operations_total', 'x', { operation: 'get' });
  const size = arena.histogram('themis_test_size_bytes', 'y', [10, 100]);
  const lag = arena.gauge('themis_test_lag', 'z');
  put.add(2);
  get.inc();
  for (const value of [5, 10, 11, 1000]) size.observe(value);
  lag.set(-1);
  assert.equal(arena.names(), [
    'themis_test_operations_total',
    'themis_test_size_bytes',
    'themis_test_lag',
  ]);
  assert.equal(arena.read('themis_test_operations_total'), {
    name: 'themis_test_operations_total',
    help: 'x',
    kind: 'counter',
    series: [
      { labels: { operation: 'put' }, value: 2, bounds: [], counts: [] },
      { labels: { operation: 'get' }, value: 1, bounds: [], counts: [] },
    ],
  });
  assert.equal(arena.read('themis_test_size_bytes').series, [
    { labels: {}, value: 1026, bounds: [10, 100], counts: [2, 1, 1] },
  ]);
  assert.is(arena.read('themis_test_lag').series[0]?.value, -1);
});

test('a series that does not fit is refused, and the room that is left stays usable', () => {
  const arena = new MetricsArena();
  const bounds = Array.from({ length: limits.metricSlotsMax - 3 }, (_, i) => i);
  arena.histogram('themis_test_size_bytes', 'x', bounds);
  assert.throws(
    () => arena.histogram('themis_test_more_bytes', 'x', [1]),
    (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION') && /fits/.test(error.message),
  );
  arena.gauge('themis_test_lag', 'x').set(3);
  assert.is(arena.read('themis_test_lag').series[0]?.value, 3);
  assert.throws(() => arena.gauge('themis_test_other', 'x'), /fits the arena/);
});

test('nothing is defined after the layout was handed out', () => {
  const arena = new MetricsArena();
  arena.layout();
  assert.throws(() => arena.gauge('themis_test_lag', 'x'), /before threads attach/);
});

test('an unknown family is a defect', () => {
  assert.throws(() => new MetricsArena().read('themis_test_lag'), /themis_test_lag is defined/);
});

test.run();
