/** The catalog: what every instrument counts, and that all of it fits the arena. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorCodes } from '../../src/base/index.js';
import { defineMetrics, operationKinds } from '../../src/engine/metric-catalog.js';
import { attachLane, MetricsArena } from '../../src/telemetry/index.js';

function readValue(arena: MetricsArena, name: string, label?: string): number | undefined {
  const { series } = arena.read(name);
  return series.find(({ labels }) => label === undefined || Object.values(labels).includes(label))
    ?.value;
}

test('every metric has its name, its kind and base units', () => {
  const arena = new MetricsArena();
  defineMetrics(arena);
  const kinds = arena.names().map((name) => `${name} ${arena.read(name).kind}`);
  assert.equal(kinds, [
    'themis_log_sync_seconds histogram',
    'themis_log_batch_bytes histogram',
    'themis_log_batch_records histogram',
    'themis_log_ring_used_bytes gauge',
    'themis_engine_pending_operations gauge',
    'themis_state_apply_lag_operations gauge',
    'themis_state_applied_batches_total counter',
    'themis_compute_queued_tasks gauge',
    'themis_engine_operations_total counter',
    'themis_recovery_duration_seconds gauge',
    'themis_recovery_records gauge',
    'themis_recovery_cut_bytes gauge',
    'themis_snapshot_taken_total counter',
    'themis_state_rebuilds_total counter',
    'themis_shard_repair_scans_total counter',
    'themis_shard_repair_documents_scanned_total counter',
    'themis_shard_repair_attempts_total counter',
    'themis_shard_repair_successes_total counter',
    'themis_shard_repair_failures_total counter',
    'themis_shard_repair_duration_seconds histogram',
    'themis_shard_health gauge',
    'themis_shard_degraded_documents gauge',
    'themis_shard_fragments_verified_total counter',
    'themis_shard_fragments_damaged_total counter',
    'themis_shard_fragments_rebuilt_total counter',
    'themis_shard_repair_read_bytes_total counter',
    'themis_shard_scrub_age_seconds gauge',
    'themis_shard_redundancy_documents gauge',
    'themis_state_checksum_failures_total counter',
    'themis_engine_errors_total counter',
  ]);
});

test('operations are counted by kind', () => {
  const arena = new MetricsArena();
  const metrics = defineMetrics(arena);
  for (const [index, kind] of operationKinds.entries()) metrics.operations[kind].add(index + 1);
  operationKinds.forEach((kind, index) => {
    assert.is(readValue(arena, 'themis_engine_operations_total', kind), index + 1, kind);
  });
});

test('errors are counted by code, and unknown codes together', () => {
  const arena = new MetricsArena();
  const metrics = defineMetrics(arena);
  for (const code of Object.keys(errorCodes)) metrics.countError(code);
  metrics.countError('LEVEL_NOT_FOUND');
  metrics.countError('anything');
  const counts = arena.read('themis_engine_errors_total').series;
  assert.is(counts.length, Object.keys(errorCodes).length + 1);
  for (const { labels, value } of counts) {
    assert.is(value, Object.values(labels)[0] === 'other' ? 2 : 1, JSON.stringify(labels));
  }
});

test('each instrument moves the metric of its name', () => {
  const arena = new MetricsArena();
  const metrics = defineMetrics(arena);
  metrics.logSyncSeconds.observe(0.5);
  metrics.logBatchBytes.observe(4096);
  metrics.logBatchRecords.observe(3);
  metrics.ringUsedBytes.set(4);
  metrics.pendingOperations.set(5);
  metrics.applyLagOperations.set(6);
  metrics.appliedBatches.add(7);
  metrics.computeQueued.set(7.5);
  metrics.recoverySeconds.set(8);
  metrics.recoveryRecords.set(9);
  metrics.recoveryCutBytes.set(10);
  metrics.snapshotsTaken.add(11);
  metrics.stateRebuilds.add(12);
  metrics.checksumFailures.add(13);
  const values = arena
    .names()
    .filter((name) => !/^themis_(engine_operations|engine_errors|shard)/.test(name))
    .map((name) => readValue(arena, name));
  assert.equal(values, [0.5, 4096, 3, 4, 5, 6, 7, 7.5, 8, 9, 10, 11, 12, 13]);
});

test('threads find what they count', () => {
  const arena = new MetricsArena();
  defineMetrics(arena);
  const layout = arena.layout();
  attachLane(layout, 'log').histogram('themis_log_sync_seconds').observe(0.001);
  attachLane(layout, 'state').counter('themis_state_applied_batches_total').inc();
  assert.is(readValue(arena, 'themis_log_sync_seconds'), 0.001);
  assert.is(readValue(arena, 'themis_state_applied_batches_total'), 1);
});

test.run();
