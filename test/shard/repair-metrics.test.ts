/** What repair counts: names as documented, labels bounded. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineRepairMetrics, spareLabel, spareLabels } from '../../src/shard/repair-metrics.js';
import { MetricsArena } from '../../src/telemetry/index.js';

test('every spare has one of a few labels', () => {
  assert.equal([-7, -1, 0, 1, 2, 3, 4, 200].map(spareLabel), [
    'lost',
    'lost',
    '0',
    '1',
    '2',
    '3',
    'more',
    'more',
  ]);
  for (let spare = -3; spare < 300; spare++) assert.ok(spareLabels.includes(spareLabel(spare)));
});

test('the names that dashboards know are there', () => {
  const arena = new MetricsArena();
  const metrics = defineRepairMetrics(arena, '0');
  metrics.scans.inc();
  metrics.documentsBySpare.lost.set(2);
  const names = arena.names();
  for (const name of [
    'themis_shard_repair_scans_total',
    'themis_shard_repair_attempts_total',
    'themis_shard_repair_successes_total',
    'themis_shard_repair_failures_total',
    'themis_shard_repair_documents_scanned_total',
    'themis_shard_repair_duration_seconds',
    'themis_shard_health',
    'themis_shard_degraded_documents',
    'themis_shard_scrub_age_seconds',
    'themis_shard_redundancy_documents',
  ]) {
    assert.ok(names.includes(name), name);
  }
});

test.run();
