/** Timers that fire while a ManualClock advances, in order of time, then of setting. */
import type { TimerHandle, Timers } from './clock.js';
import type { ManualClock } from './clock-memory.js';
import { checkDelay, checkPeriod } from './timer-delay.js';

export function memoryTimers(clock: ManualClock): Timers {
  return {
    after(delayMs, callback) {
      checkDelay(delayMs);
      return clock.alarmAt(clock.monotonicMs() + delayMs, callback);
    },
    every(periodMs, callback) {
      checkPeriod(periodMs);
      return repeat(clock, periodMs, callback);
    },
  };
}

function repeat(clock: ManualClock, periodMs: number, callback: () => void): TimerHandle {
  let dueMs = clock.monotonicMs() + periodMs;
  let alarm = clock.alarmAt(dueMs, ring);
  function ring(): void {
    // Set anew before the call, so that the callback can cancel the timer.
    dueMs += periodMs;
    alarm = clock.alarmAt(dueMs, ring);
    callback();
  }
  return { cancel: () => alarm.cancel() };
}
