/** Node's timers, detached from the event loop's life: a waiting timer keeps no process alive. */
import type { Timers } from './clock.js';
import { checkDelay, checkPeriod } from './timer-delay.js';

export function nodeTimers(): Timers {
  return {
    after(delayMs, callback) {
      checkDelay(delayMs);
      const timer = setTimeout(callback, delayMs);
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    every(periodMs, callback) {
      checkPeriod(periodMs);
      const timer = setInterval(callback, periodMs);
      timer.unref();
      return { cancel: () => clearInterval(timer) };
    },
  };
}
