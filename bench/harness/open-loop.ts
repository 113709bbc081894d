/**
 * Open loop: requests arrive at a fixed rate whether or not earlier ones were answered, as they
 * do from many independent users. Request i is due at start + i / rate, and its latency counts
 * from then, also when the generator or the store was late in starting it. A store that stalls
 * for a second thus shows a second, not one slow request (no "coordinated omission").
 *
 * Outstanding requests are bounded: what is due beyond the bound waits, its clock running. What
 * has not been started `graceMs` after the last due time is abandoned and counted with the
 * latency it had reached by then.
 *
 * The generator wakes once a tick (a millisecond by default) and starts what is due, so up to one
 * tick of each latency is its own; a spinning generator would take a core from the store.
 */
import { performance } from 'node:perf_hooks';
import type { Histogram } from './histogram.js';
import type { Span } from './span.js';

/** Time for the generator; tests give one that does not pass by itself. */
export interface Pacer {
  nowMs(): number;
  /** Resolves after about this long. */
  pause(ms: number): Promise<void>;
}

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly outstandingMax: number;
  readonly tickMs?: number;
  /** How long unanswered requests are waited for at the end. Default: the duration. */
  readonly graceMs?: number;
  readonly operation: (sequence: number) => Promise<unknown>;
  readonly histogram: Histogram;
  readonly span: Span;
  readonly pacer: Pacer;
  readonly firstSequence?: number;
}

export interface OpenLoopResult {
  /** Counted requests that were due inside the window, the abandoned included. */
  readonly operations: number;
  readonly completed: number;
  readonly abandoned: number;
  readonly elapsedMs: number;
  readonly outstandingHighest: number;
  readonly nextSequence: number;
}

/** Runs the loop; the first error of an operation ends it and is thrown. */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { pacer, histogram, operation, outstandingMax } = options;
  const intervalMs = 1000 / options.ratePerSecond;
  const warmups = Math.floor(options.warmupMs / intervalMs);
  const total = warmups + Math.max(1, Math.floor(options.durationMs / intervalMs));
  const first = options.firstSequence ?? 0;
  const startMs = pacer.nowMs();
  const giveUpMs = startMs + total * intervalMs + (options.graceMs ?? options.durationMs);
  const dueMs = (i: number): number => startMs + i * intervalMs;
  let next = 0;
  const outstanding = new Set<number>();
  let outstandingHighest = 0;
  let completed = 0;
  let lastMs = startMs;
  let ended = false;
  let failure: { error: unknown } | null = null;

  const settle = (i: number): void => {
    outstanding.delete(i);
    lastMs = pacer.nowMs();
    if (i < warmups || ended) return;
    completed += 1;
    histogram.record((lastMs - dueMs(i)) * 1e6);
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
  };

  while ((next < total || outstanding.size > 0) && failure === null && pacer.nowMs() < giveUpMs) {
    while (next < total && outstanding.size < outstandingMax && dueMs(next) <= pacer.nowMs()) {
      if (next === warmups) options.span.start();
      const i = next++;
      outstanding.add(i);
      if (outstanding.size > outstandingHighest) outstandingHighest = outstanding.size;
      operation(first + i).then(() => settle(i), fail);
    }
    await pacer.pause(options.tickMs ?? 1);
  }
  ended = true;
  options.span.stop();
  if (failure !== null) throw (failure as { error: unknown }).error;
  const operations = total - warmups;
  const abandoned = operations - completed;
  const endMs = pacer.nowMs();
  for (const i of outstanding) if (i >= warmups) histogram.record((endMs - dueMs(i)) * 1e6);
  for (let i = Math.max(next, warmups); i < total; i++) histogram.record((endMs - dueMs(i)) * 1e6);
  return {
    operations,
    completed,
    abandoned,
    elapsedMs: Math.max(lastMs - dueMs(warmups), Number.EPSILON),
    outstandingHighest,
    nextSequence: first + next,
  };
}

/** The real clock. */
export const realPacer: Pacer = {
  nowMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
