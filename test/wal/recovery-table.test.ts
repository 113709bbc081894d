/** The decision table is complete, unambiguous and safe. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decideRecovery,
  matchesRow,
  type RecoveryInputs,
  recoveryInputs,
  recoveryTable,
} from '../../src/wal/recovery-table.js';

function allInputs(): RecoveryInputs[] {
  const found: RecoveryInputs[] = [];
  for (const place of recoveryInputs.place)
    for (const proof of recoveryInputs.proof)
      for (const unreadable of recoveryInputs.unreadable)
        for (const rest of recoveryInputs.rest)
          for (const missing of recoveryInputs.missing)
            for (const bad of recoveryInputs.bad)
              found.push({ place, proof, unreadable, rest, missing, bad });
  return found;
}

test('every combination of inputs matches exactly one row', () => {
  const inputs = allInputs();
  assert.is(inputs.length, 2 ** 5 * 4);
  for (const input of inputs) {
    const rows = recoveryTable.filter((row) => matchesRow(row, input));
    assert.is(rows.length, 1, JSON.stringify(input));
  }
});

test('every row decides some combination', () => {
  const inputs = allInputs();
  for (const row of recoveryTable) assert.ok(inputs.some((input) => matchesRow(row, input)));
});

test('nothing that may have been acknowledged is ever torn or the end', () => {
  for (const input of allInputs()) {
    const decision = decideRecovery(input);
    const mayBeAcknowledged =
      input.place === 'sealed' ||
      input.proof === 'yes' ||
      input.unreadable === 'yes' ||
      (input.missing === 'no' && input.rest === 'nonzero');
    if (!mayBeAcknowledged) continue;
    const allowed =
      input.bad === 'mark' ? ['repair', 'corrupt', 'unknown'] : ['corrupt', 'unknown'];
    assert.ok(allowed.includes(decision), `${decision} for ${JSON.stringify(input)}`);
  }
});

test('a write that was cut by a crash never stops a start', () => {
  for (const bad of ['batch header', 'record header', 'payload'] as const) {
    const crash = { place: 'last', proof: 'no', unreadable: 'no', bad } as const;
    assert.is(decideRecovery({ ...crash, rest: 'nonzero', missing: 'yes' }), 'torn');
    assert.is(decideRecovery({ ...crash, rest: 'zero', missing: 'yes' }), 'end');
  }
});

test('what is proved synced is corrupt, what is not is unknown', () => {
  const damage = { rest: 'nonzero', missing: 'no', unreadable: 'no', bad: 'payload' } as const;
  assert.is(decideRecovery({ ...damage, place: 'last', proof: 'yes' }), 'corrupt');
  assert.is(decideRecovery({ ...damage, place: 'sealed', proof: 'no' }), 'corrupt');
  assert.is(decideRecovery({ ...damage, place: 'last', proof: 'no' }), 'unknown');
});

test.run();
