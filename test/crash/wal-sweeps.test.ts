/** Torn writes, cuts and flipped bits over the log, in sizes that fit the test run. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepBitFlips, sweepCuts, sweepTornTails } from './wal-sweeps.js';

for (const fill of ['text', 'zeros'] as const) {
  test(`every sector subset of a torn last batch of ${fill} is recognised`, () => {
    const { outcomes } = sweepTornTails(9, fill);
    assert.equal(outcomes, { clean: 1, torn: 510, whole: 1 });
  });
}

test('a cut anywhere in the last 64 KiB is refused, unless nothing is missing', () => {
  const { states, outcomes } = sweepCuts(97);
  assert.ok(states > 600);
  assert.is(outcomes['refused'], states);
});

test('a flipped bit in any sector is repaired, refused or provably unused', () => {
  const { outcomes } = sweepBitFlips(1);
  for (const outcome of ['repaired', 'refused', 'unused']) {
    assert.ok((outcomes[outcome] ?? 0) > 0, outcome);
  }
});

test.run();
