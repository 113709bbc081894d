/** The defaults are the ones that are documented. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultRepairConfig } from '../../src/shard/index.js';

test('a survey every five minutes, a look at parked repairs every half, four at once', () => {
  assert.equal(defaultRepairConfig, {
    scanIntervalMs: 300_000,
    repairPollIntervalMs: 30_000,
    maxConcurrentRepairs: 4,
    repairBatchSize: 100,
    enableAutoRepair: true,
    enablePeriodicScan: true,
  });
});

test.run();
