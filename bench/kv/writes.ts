/** db_bench's writing workloads. */
import { closedLoop } from '../harness/index.js';
import { keyOf, Shuffle } from './data.js';
import { Meter, type Workload, type WorkloadContext } from './workload.js';

/** Key numbers of random writes into an empty store come from this many. */
const randomKeys = 100_000_000;

/** Puts with `writers` in flight; the n-th request writes key `keyNumber(n)`. */
async function puts(
  context: WorkloadContext,
  keyNumber: (sequence: number) => number,
): ReturnType<Workload['run']> {
  const meter = new Meter();
  const { peer, values } = context;
  const result = await closedLoop({
    ...context,
    ...meter,
    operation: (sequence) => {
      const number = keyNumber(sequence);
      return peer.put(keyOf(number), values.next(number, sequence));
    },
  });
  await meter.verify(peer, result.nextSequence, keyNumber, keyOf);
  return meter.sample(result);
}

/** Durable puts in random key order: the row that an acknowledged write costs. */
const fillsync: Workload = {
  name: 'fillsync',
  dataset: 'empty',
  changes: true,
  durability: 'sync',
  writers: [1, 16, 64, 256],
  run: (context) => {
    const shuffle = new Shuffle(randomKeys, context.seed);
    return puts(context, (sequence) => shuffle.at(sequence % randomKeys));
  },
};

const fillseq: Workload = {
  name: 'fillseq',
  dataset: 'empty',
  changes: true,
  durability: 'buffered',
  writers: [64],
  run: (context) => puts(context, (sequence) => sequence),
};

const fillrandom: Workload = {
  name: 'fillrandom',
  dataset: 'empty',
  changes: true,
  durability: 'buffered',
  writers: [64],
  run: (context) => {
    const shuffle = new Shuffle(randomKeys, context.seed);
    return puts(context, (sequence) => shuffle.at(sequence % randomKeys));
  },
};

const overwrite: Workload = {
  name: 'overwrite',
  dataset: 'db_bench',
  changes: true,
  durability: 'buffered',
  writers: [64],
  run: (context) => {
    const shuffle = new Shuffle(context.keys, context.seed);
    return puts(context, (sequence) => shuffle.at(sequence % context.keys));
  },
};

/** Every key once, in random order; ends when none is left. */
const deleterandom: Workload = {
  name: 'deleterandom',
  dataset: 'db_bench',
  changes: true,
  durability: 'buffered',
  writers: [64],
  run: async (context) => {
    const meter = new Meter();
    const shuffle = new Shuffle(context.keys, context.seed);
    const result = await closedLoop({
      ...context,
      ...meter,
      warmupMs: 0,
      sequenceMax: context.keys,
      operation: (sequence) => {
        const number = shuffle.at(sequence);
        meter.saw(sequence, number, 0);
        return context.peer.del(keyOf(number));
      },
    });
    return meter.sample(result);
  },
};

export const writeWorkloads: readonly Workload[] = [
  fillsync,
  fillseq,
  fillrandom,
  overwrite,
  deleterandom,
];
