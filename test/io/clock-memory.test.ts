/** The manual clock: the contract of clocks, and its alarms. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/io/index.js';
import { clockContract } from '../contract/clock.js';

clockContract(test, 'manual', () => {
  const clock = new ManualClock();
  return { clock, pass: () => clock.advance(1) };
});

test('time stands still until it is moved', () => {
  const clock = new ManualClock(5, 1_800_000_000_000);
  assert.is(clock.monotonicMs(), 5);
  assert.is(clock.wallMs(), 1_800_000_000_000);
  clock.advance(2.5);
  assert.is(clock.monotonicMs(), 7.5);
  assert.is(clock.wallMs(), 1_800_000_000_002.5);
  for (const duration of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => clock.advance(duration), /forward/);
  }
});

test('wall time jumps alone', () => {
  const clock = new ManualClock(0, 1_000);
  let rung = false;
  clock.alarmAt(10, () => {
    rung = true;
  });
  clock.jumpWall(-500);
  assert.is(clock.wallMs(), 500);
  assert.is(clock.monotonicMs(), 0);
  clock.jumpWall(100_000);
  assert.is(rung, false);
});

test('alarms ring at their own time, in order, the ones set on the way included', () => {
  const clock = new ManualClock();
  const rung: string[] = [];
  const note = (what: string): void => {
    rung.push(`${what}@${clock.monotonicMs()}`);
  };
  clock.alarmAt(20, () => note('b'));
  clock.alarmAt(10, () => {
    note('a');
    clock.alarmAt(20, () => note('after b'));
    clock.alarmAt(15, () => note('on the way'));
    clock.alarmAt(3, () => note('overdue'));
  });
  clock.alarmAt(31, () => note('too late'));
  assert.is(clock.nextAlarmMs(), 10);
  clock.advance(30);
  assert.equal(rung, ['a@10', 'overdue@10', 'on the way@15', 'b@20', 'after b@20']);
  assert.is(clock.monotonicMs(), 30);
  assert.is(clock.nextAlarmMs(), 31);
});

test('an alarm that is cancelled, even by another one of its time, does not ring', () => {
  const clock = new ManualClock();
  let rung = false;
  clock.alarmAt(10, () => second.cancel());
  const second = clock.alarmAt(10, () => {
    rung = true;
  });
  clock.advance(10);
  assert.is(rung, false);
  assert.is(clock.nextAlarmMs(), null);
});

test('an alarm may move the clock itself', () => {
  const clock = new ManualClock();
  clock.alarmAt(1, () => clock.advance(100));
  clock.advance(5);
  assert.is(clock.monotonicMs(), 101);
});

test.run();
