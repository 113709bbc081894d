/** The rules of health, exhaustively over their facts: what is missing never passes for well. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healthReportJson } from '../../src/shard/index.js';
import { type ShardFacts, statusCodes, statusOf } from '../../src/shard/shard-health-report.js';

const numbers = [0, 1, 3];
const either = [false, true];

function* allFacts(): Generator<ShardFacts> {
  for (const isSurveyed of either)
    for (const isRepairing of either)
      for (const degraded of numbers)
        for (const unrecoverable of numbers)
          for (const devicesUnwell of numbers)
            for (const devicesRebuilding of numbers) {
              const documents = { isSurveyed, isRepairing, degraded, unrecoverable };
              yield { ...documents, devicesUnwell, devicesRebuilding };
            }
}

test('a shard is healthy only when all was looked at and nothing is missing', () => {
  for (const facts of allFacts()) {
    const { isSurveyed, isRepairing, degraded, unrecoverable } = facts;
    const missing = degraded + unrecoverable + facts.devicesUnwell + facts.devicesRebuilding;
    const isWell = isSurveyed && !isRepairing && missing === 0;
    assert.is(statusOf(facts) === 'HEALTHY', isWell, JSON.stringify(facts));
  }
});

test('what is lost is said before anything else', () => {
  for (const facts of allFacts()) {
    assert.is(statusOf(facts) === 'FAILED', facts.unrecoverable > 0, JSON.stringify(facts));
  }
});

test('a missing device alone is enough to be degraded', () => {
  const well = {
    isSurveyed: true,
    isRepairing: false,
    degraded: 0,
    unrecoverable: 0,
    devicesUnwell: 0,
    devicesRebuilding: 0,
  };
  assert.is(statusOf(well), 'HEALTHY');
  assert.is(statusOf({ ...well, devicesUnwell: 1 }), 'DEGRADED');
  assert.is(statusOf({ ...well, isSurveyed: false }), 'DEGRADED', 'nothing was looked at');
  assert.is(statusOf({ ...well, devicesRebuilding: 1 }), 'REBUILDING');
  assert.is(statusOf({ ...well, degraded: 1, isRepairing: true }), 'REBUILDING');
});

test('the report has the names of the first system in JSON, every one of them', () => {
  const report = {
    shardId: '0',
    status: 'DEGRADED',
    documentsScanned: 9,
    documentsHealthy: 6,
    documentsDegraded: 2,
    documentsUnrecoverable: 1,
    lastScan: 5,
    lastRepair: null,
    lastError: 'no device',
  } as const;
  const snake = Object.entries(report).map(([name, value]) => {
    return [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value];
  });
  assert.equal(healthReportJson(report), Object.fromEntries(snake));
});

test('the gauge has the numbers that dashboards know', () => {
  assert.equal(statusCodes, { HEALTHY: 0, DEGRADED: 1, FAILED: 2, REBUILDING: 3 });
});

test.run();
