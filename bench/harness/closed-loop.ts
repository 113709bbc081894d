/**
 * Closed loop: K writers, each of which waits for its reply before it sends the next request.
 * Latency is reply minus request. A slow reply therefore also delays the requests behind it, so
 * these tails say nothing about a fixed arrival rate: open-loop.ts does.
 */
import { performance } from 'node:perf_hooks';
import type { Histogram } from './histogram.js';
import type { Span } from './span.js';

export interface ClosedLoopOptions {
  readonly writers: number;
  /** Runs before counting starts: JIT, caches, group sizes. */
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Ends the loop early after this many counted operations. */
  readonly operationsMax?: number;
  /** Ends the loop when this sequence number is reached: there is no more work. */
  readonly sequenceMax?: number;
  /** One request; `sequence` counts all requests from 0, the warm-up included. */
  readonly operation: (sequence: number) => Promise<unknown>;
  readonly histogram: Histogram;
  readonly span: Span;
  /** First sequence number, so that a later loop over the same store does not repeat keys. */
  readonly firstSequence?: number;
}

export interface LoopResult {
  /** Counted operations: those that completed inside the window. */
  readonly operations: number;
  /** Length of the window. */
  readonly elapsedMs: number;
  /** The sequence number after the last one used. */
  readonly nextSequence: number;
}

/** Runs the loop; the first error of an operation ends it and is thrown. */
export async function closedLoop(options: ClosedLoopOptions): Promise<LoopResult> {
  const operationsMax = options.operationsMax ?? Number.POSITIVE_INFINITY;
  const { operation, histogram } = options;
  let sequence = options.firstSequence ?? 0;
  const sequenceMax = options.sequenceMax ?? Number.POSITIVE_INFINITY;
  let countFrom = performance.now() + options.warmupMs;
  let endAt = countFrom + options.durationMs;
  let counting = options.warmupMs === 0;
  let operations = 0;
  let lastAt = countFrom;
  let stopped = false;
  if (counting) options.span.start();

  const writer = async (): Promise<void> => {
    let before = performance.now();
    while (!stopped && sequence < sequenceMax) {
      await operation(sequence++);
      const now = performance.now();
      if (counting) {
        if (now >= endAt || operations >= operationsMax) stopped = true;
        else {
          histogram.record((now - before) * 1e6);
          operations += 1;
          lastAt = now;
        }
      } else if (now >= countFrom) {
        counting = true;
        countFrom = now;
        endAt = now + options.durationMs;
        lastAt = now;
        options.span.start();
      }
      before = now;
    }
  };

  try {
    await Promise.all(Array.from({ length: options.writers }, writer));
  } finally {
    stopped = true;
    options.span.stop();
  }
  return { operations, elapsedMs: lastAt - countFrom, nextSequence: sequence };
}

export interface SyncLoopOptions {
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly operationsMax?: number;
  readonly operation: (sequence: number) => void;
  readonly histogram: Histogram;
  readonly span: Span;
}

/** How long a synchronous loop may hold the event loop before others have a turn. */
const turnMs = 5;

/**
 * The same for an operation that returns its result at once. Every few milliseconds the event
 * loop gets a turn, so that a store's own work is not starved; that turn is not counted as
 * latency, but it is part of the elapsed time.
 */
export async function syncLoop(options: SyncLoopOptions): Promise<LoopResult> {
  const operationsMax = options.operationsMax ?? Number.POSITIVE_INFINITY;
  const { operation, histogram } = options;
  let sequence = 0;
  let operations = 0;
  let counting = false;
  let countFrom = performance.now() + options.warmupMs;
  let endAt = Number.POSITIVE_INFINITY;
  let now = performance.now();
  try {
    while (now < endAt && operations < operationsMax) {
      const turnEnd = now + turnMs;
      let before = performance.now();
      while (now < turnEnd && now < endAt && operations < operationsMax) {
        operation(sequence++);
        now = performance.now();
        if (counting) {
          histogram.record((now - before) * 1e6);
          operations += 1;
        } else if (now >= countFrom) {
          counting = true;
          countFrom = now;
          endAt = now + options.durationMs;
          options.span.start();
        }
        before = now;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    options.span.stop();
  }
  return { operations, elapsedMs: now - countFrom, nextSequence: sequence };
}
