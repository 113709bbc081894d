/** What the log counts arrives in the metrics of the engine, in base units. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logMeter } from '../../src/engine/log-meter.js';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { attachLane, MetricsArena } from '../../src/telemetry/index.js';

test('a batch is one observation of records, bytes and seconds', () => {
  const arena = new MetricsArena();
  defineMetrics(arena);
  const meter = logMeter(attachLane(arena.layout(), 'log'));
  meter.batch(3, 4096, 250);
  meter.batch(1, 8192, 500);
  const read = (name: string) => {
    const { value, counts } = arena.read(name).series[0] ?? { value: -1, counts: [] };
    return [value, counts.reduce((sum, count) => sum + count, 0)];
  };
  assert.equal(read('themis_log_batch_records'), [4, 2]);
  assert.equal(read('themis_log_batch_bytes'), [12288, 2]);
  assert.equal(read('themis_log_sync_seconds'), [0.75, 2]);
});

test.run();
