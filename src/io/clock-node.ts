/** The machine's clocks. */
import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.js';

/**
 * Monotonic times of all threads of a process share one start, to within microseconds:
 * performance.now() alone starts anew in every thread, process.hrtime() allocates at every call.
 */
export function nodeClock(): Clock {
  const [seconds, nanoseconds] = process.hrtime();
  const start = seconds * 1e3 + nanoseconds / 1e6 - performance.now();
  return {
    monotonicMs: () => start + performance.now(),
    wallMs: () => Date.now(),
  };
}
