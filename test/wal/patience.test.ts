/** Looks in vain become rare, at a bounded rate; one that succeeds makes them usual again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Patience } from '../../src/wal/patience.js';

/** Calls of `tries` up to and with the next that says yes. */
function callsUntilTry(patience: Patience): number {
  let calls = 1;
  while (!patience.tries()) calls++;
  return calls;
}

test('the gaps between looks in vain double up to a limit', () => {
  const patience = new Patience();
  const gaps: number[] = [];
  for (let i = 0; i < 9; i++) {
    gaps.push(callsUntilTry(patience));
    patience.tried(false);
  }
  assert.equal(gaps, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

test('after one success every call is a look', () => {
  const patience = new Patience();
  for (let i = 0; i < 3; i++) {
    callsUntilTry(patience);
    patience.tried(false);
  }
  callsUntilTry(patience);
  patience.tried(true);
  assert.equal([callsUntilTry(patience), callsUntilTry(patience)], [1, 1]);
});

test.run();
