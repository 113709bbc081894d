/** What the state counts arrives in the metrics of the engine, next to other lanes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { stateMeter } from '../../src/engine/state-meter.js';
import { attachLane, MetricsArena } from '../../src/telemetry/index.js';

test('each batch counts once, and lanes add up', () => {
  const arena = new MetricsArena();
  const metrics = defineMetrics(arena);
  const { batch } = stateMeter(attachLane(arena.layout(), 'state'));
  batch();
  batch();
  metrics.appliedBatches.add(10);
  assert.is(arena.read('themis_state_applied_batches_total').series[0]?.value, 12);
});

test.run();
