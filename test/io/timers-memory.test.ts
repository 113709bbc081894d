/** The timers of the manual clock: the contract, and their rhythm. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { timersContract } from '../contract/timers.js';

timersContract(test, 'memory', () => {
  const clock = new ManualClock();
  const passUntil = async (done: Promise<void>): Promise<void> => {
    let settled = false;
    const noted = done.then(() => {
      settled = true;
    });
    while (!settled) {
      clock.advance(1);
      await Promise.resolve();
    }
    await noted;
  };
  return { clock, timers: memoryTimers(clock), passUntil };
});

test('every() keeps its rhythm over one long advance', () => {
  const clock = new ManualClock();
  const times: number[] = [];
  const handle = memoryTimers(clock).every(10, () => times.push(clock.monotonicMs()));
  clock.advance(35);
  assert.equal(times, [10, 20, 30]);
  handle.cancel();
  clock.advance(100);
  assert.is(times.length, 3);
  assert.is(clock.nextAlarmMs(), null);
});

test('a delay of zero fires at the next advance, not at once', () => {
  const clock = new ManualClock();
  let fired = false;
  memoryTimers(clock).after(0, () => {
    fired = true;
  });
  assert.is(fired, false);
  clock.advance(0);
  assert.is(fired, true);
});

test.run();
