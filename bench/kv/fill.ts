/**
 * Sustained fill: durable puts of distinct keys in random order until N are stored, with the rate,
 * the resident set and what was not yet applied over time. A store that acknowledges faster than
 * it applies, or that stalls when its files are reorganised, shows it here and nowhere else.
 */
import { performance } from 'node:perf_hooks';
import { closedLoop, EventLoopMonitor, figure, type Interval } from '../harness/index.js';
import { keyOf, Shuffle } from './data.js';
import { Meter, type Workload, type WorkloadContext } from './workload.js';

/** How often, in operations, the clock is looked at. */
const lookEvery = 256;

/** Collects intervals without a timer: a store that never yields would starve one. */
class Progress {
  readonly intervals: Interval[] = [];
  readonly #context: WorkloadContext;
  readonly #startedAt = performance.now();
  #lastAt = this.#startedAt;
  #lastOperations = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  look(operations: number): void {
    if (performance.now() - this.#lastAt >= this.#context.intervalMs) this.mark(operations);
  }

  mark(operations: number): void {
    const now = performance.now();
    const interval = {
      atMs: now - this.#startedAt,
      operations,
      perSecond: ((operations - this.#lastOperations) / Math.max(now - this.#lastAt, 1e-3)) * 1000,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
      pending: this.#context.peer.pending(),
    };
    this.#lastAt = now;
    this.#lastOperations = operations;
    this.intervals.push(interval);
    const pending = interval.pending === null ? '' : `, ${interval.pending} pending`;
    this.#context.progress(
      `fill ${(interval.atMs / 1000).toFixed(0)} s: ${operations} keys, ` +
        `${figure(interval.perSecond)}/s, rss ${figure(interval.rssMiB)} MiB${pending}`,
    );
  }
}

/** The last interval is the wait until everything was applied. */
export const fill: Workload = {
  name: 'fill',
  dataset: 'empty',
  changes: true,
  durability: 'sync',
  writers: [256],
  once: true,
  run: async (context) => {
    const meter = new Meter();
    const { peer, values, keys } = context;
    const shuffle = new Shuffle(keys, context.seed);
    const progress = new Progress(context);
    const loop = new EventLoopMonitor();
    let acknowledged = 0;
    await loop.start();
    const result = await closedLoop({
      ...meter,
      writers: context.writers,
      warmupMs: 0,
      durationMs: Number.POSITIVE_INFINITY,
      sequenceMax: keys,
      operation: async (sequence) => {
        const number = shuffle.at(sequence);
        await peer.put(keyOf(number), values.next(number, sequence));
        acknowledged += 1;
        if (acknowledged % lookEvery === 0) progress.look(acknowledged);
      },
    });
    const eventLoop = await loop.stop();
    progress.mark(acknowledged);
    await peer.settle();
    progress.mark(acknowledged);
    await meter.verify(peer, keys, (i) => shuffle.at(keys - 1 - i), keyOf);
    return meter.sample(result, { eventLoop, intervals: progress.intervals });
  },
};
