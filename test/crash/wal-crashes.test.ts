/** Power cuts and failing calls over the log, in sizes that fit the test run. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepCrashes, sweepFaults, sweepRepairCrashes } from './wal-sweeps.js';

for (const syncMode of ['dsync', 'fdatasync', 'buffered'] as const) {
  test(`a power cut at any call of a workload keeps what was durable, mode ${syncMode}`, () => {
    const options = { seed: 11, operations: 32, syncMode, randomStates: 2, step: 2 };
    const { outcomes } = sweepCrashes(options);
    assert.ok((outcomes['clean'] ?? 0) > 100);
    assert.ok((outcomes['torn'] ?? 0) > 10);
  });

  test(`EIO at any call fails the log or harms nothing, mode ${syncMode}`, () => {
    const options = { seed: 5, operations: 45, syncMode, error: 'EIO', step: 1 } as const;
    const { outcomes } = sweepFaults(options);
    assert.ok((outcomes['failed'] ?? 0) > 50);
  });
}

test('a power cut during the repair of a torn tail leaves a log that is repaired again', () => {
  const { outcomes } = sweepRepairCrashes(3);
  assert.ok((outcomes['clean'] ?? 0) > 10);
  assert.ok((outcomes['torn'] ?? 0) > 100);
});

test('ENOSPC at any call fails typed, and what was durable is there', () => {
  const options = { seed: 6, operations: 60, syncMode: 'dsync', error: 'ENOSPC', step: 1 } as const;
  const { outcomes } = sweepFaults(options);
  assert.ok((outcomes['failed'] ?? 0) > 20);
});

test.run();
