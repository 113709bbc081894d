/**
 * The event loop under durable puts: at full throttle (closed loop), and at half of what was
 * reached (open loop, latencies from the intended start).
 */
import {
  closedLoop,
  EventLoopMonitor,
  Histogram,
  openLoop,
  realPacer,
  Span,
} from '../harness/index.js';
import { keyOf, Shuffle } from './data.js';
import { Meter, type Workload, type WorkloadContext } from './workload.js';

const randomKeys = 100_000_000;
/** Requests that may be open at once at half rate; reached only when the store stalls. */
const outstandingMax = 16_384;

const base = {
  dataset: 'empty',
  changes: true,
  durability: 'sync',
  writers: [256],
  tail: true,
} as const;

function putting(context: WorkloadContext): {
  readonly keyNumber: (sequence: number) => number;
  readonly operation: (sequence: number) => Promise<unknown>;
} {
  const shuffle = new Shuffle(randomKeys, context.seed);
  const keyNumber = (sequence: number): number => shuffle.at(sequence % randomKeys);
  const operation = (sequence: number): Promise<unknown> => {
    const number = keyNumber(sequence);
    return context.peer.put(keyOf(number), context.values.next(number, sequence));
  };
  return { keyNumber, operation };
}

/** Runs without counting; tells what to continue with. */
async function warmUp(
  context: WorkloadContext,
  operation: (sequence: number) => Promise<unknown>,
): Promise<{ readonly perSecond: number; readonly nextSequence: number }> {
  const result = await closedLoop({
    writers: context.writers,
    warmupMs: context.warmupMs / 2,
    durationMs: Math.max(context.warmupMs / 2, 10),
    operation,
    histogram: new Histogram(),
    span: new Span(),
  });
  const perSecond = (result.operations / result.elapsedMs) * 1000;
  return { perSecond, nextSequence: result.nextSequence };
}

const loopfull: Workload = {
  ...base,
  name: 'loopfull',
  run: async (context) => {
    const meter = new Meter();
    const { keyNumber, operation } = putting(context);
    const { nextSequence } = await warmUp(context, operation);
    const loop = new EventLoopMonitor();
    await loop.start();
    const result = await closedLoop({
      ...context,
      ...meter,
      warmupMs: 0,
      firstSequence: nextSequence,
      operation,
    });
    const eventLoop = await loop.stop();
    await meter.verify(context.peer, nextSequence, keyNumber, keyOf);
    return meter.sample(result, { eventLoop });
  },
};

const loophalf: Workload = {
  ...base,
  name: 'loophalf',
  run: async (context) => {
    const meter = new Meter();
    const { keyNumber, operation } = putting(context);
    const { perSecond, nextSequence } = await warmUp(context, operation);
    // Half of nothing would never end: a warm-up that counted nothing asks for one a second.
    const half = Number.isFinite(perSecond) ? Math.max(1, perSecond / 2) : 1;
    const loop = new EventLoopMonitor();
    await loop.start();
    const result = await openLoop({
      ...meter,
      ratePerSecond: half,
      warmupMs: 0,
      durationMs: Math.min(context.durationMs, (context.operationsMax / half) * 1000),
      outstandingMax,
      operation,
      pacer: realPacer,
      firstSequence: nextSequence,
    });
    const eventLoop = await loop.stop();
    await meter.verify(context.peer, nextSequence, keyNumber, keyOf);
    return meter.sample(
      { operations: result.completed, elapsedMs: result.elapsedMs },
      { eventLoop },
    );
  },
};

export const pacingWorkloads: readonly Workload[] = [loopfull, loophalf];
