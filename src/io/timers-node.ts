/** Node's timers, detached from the event loop's life: a waiting timer keeps no process alive. */
import type { Timers } from './clock.js';

export function nodeTimers(): Timers {
  return {
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    every(periodMs, callback) {
      const timer = setInterval(callback, periodMs);
      timer.unref();
      return { cancel: () => clearInterval(timer) };
    },
  };
}
