/** Bounds of timers, the same in both twins. */
import { assert } from '../base/index.js';

/** Node fires longer timers at once (after 1 ms), so they are refused: about 24.8 days. */
export const timerMsMax = 2 ** 31 - 1;

export function checkDelay(delayMs: number): void {
  assert(delayMs >= 0 && delayMs <= timerMsMax, 'a delay is from 0 to timerMsMax');
}

/** A period below Node's resolution would never let the clock of the memory twin pass. */
export function checkPeriod(periodMs: number): void {
  assert(periodMs >= 1 && periodMs <= timerMsMax, 'a period is from 1 ms to timerMsMax');
}
