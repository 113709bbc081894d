/** What was done is counted once, for people and for the metrics alike. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { ManualClock } from '../../src/io/index.js';
import { defineRepairMetrics } from '../../src/shard/index.js';
import { RepairTally } from '../../src/shard/repair-tally.js';
import { MetricsArena } from '../../src/telemetry/index.js';

function tallied() {
  const arena = new MetricsArena();
  const clock = new ManualClock();
  const tally = new RepairTally(clock, defineRepairMetrics(arena, '0'));
  const metricOf = (name: string) => arena.read(`themis_shard_repair_${name}`).series[0]?.value;
  return { tally, clock, metricOf };
}

test('nothing was done yet', () => {
  const { tally } = tallied();
  assert.equal(tally.totals, {
    totalScans: 0,
    totalRepairsAttempted: 0,
    totalRepairsSuccessful: 0,
    totalRepairsFailed: 0,
    totalDocumentsScanned: 0,
    avgRepairTimeMs: 0,
    lastScanTime: null,
    lastRepairTime: null,
  });
});

test('repairs count when they ended, each in one way', () => {
  const { tally, clock, metricOf } = tallied();
  tally.surveyed(9);
  clock.advance(50);
  for (let i = 0; i < 3; i++) tally.attempted();
  tally.succeeded(10);
  tally.succeeded(30);
  tally.failed(new ThemisError('THEMIS_DEVICE_FULL', 'no room'));
  assert.equal(tally.totals, {
    totalScans: 1,
    totalRepairsAttempted: 3,
    totalRepairsSuccessful: 2,
    totalRepairsFailed: 1,
    totalDocumentsScanned: 9,
    avgRepairTimeMs: 20,
    lastScanTime: 1_700_000_000_000,
    lastRepairTime: 1_700_000_000_050,
  });
  const names = ['scans', 'documents_scanned', 'attempts', 'successes', 'failures'];
  assert.equal(
    names.map((name) => metricOf(`${name}_total`)),
    [1, 9, 3, 2, 1],
  );
  assert.is(metricOf('duration_seconds'), 0.04);
});

test('the last error stays until everything was whole; a stop is none', () => {
  const { tally } = tallied();
  tally.note(new ThemisError('THEMIS_DEVICE_FULL', 'no room'));
  tally.note(new ThemisError('THEMIS_CLOSED', 'stopped'));
  assert.is(tally.lastError, 'no room');
  tally.allIsWhole();
  assert.is(tally.lastError, null);
});

test.run();
