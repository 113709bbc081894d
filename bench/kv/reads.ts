/** db_bench's reading workloads, over a store that holds `keys` records. */
import { performance } from 'node:perf_hooks';
import { closedLoop, createRandomSource, syncLoop } from '../harness/index.js';
import { keyOf } from './data.js';
import { Meter, type Workload } from './workload.js';

/** Keys of one getMany, and records of one seek. */
export const batchKeys = 100;

const base = {
  dataset: 'db_bench',
  changes: false,
  durability: 'sync',
} as const;

/** getSync of keys that are there, on the main thread. */
const getsync: Workload = {
  ...base,
  name: 'getsync',
  writers: [1],
  single: true,
  run: async (context) => {
    const meter = new Meter();
    const { peer, random, keys } = context;
    const result = await syncLoop({
      ...context,
      ...meter,
      operation: (sequence) => {
        const number = random.below(keys);
        meter.read(sequence, number, peer.getSync(keyOf(number)));
      },
    });
    return meter.sample(result);
  },
};

/** get of keys that are there. */
const readrandom: Workload = {
  ...base,
  name: 'readrandom',
  writers: [64],
  run: async (context) => {
    const meter = new Meter();
    const { peer, random, keys } = context;
    const result = await closedLoop({
      ...context,
      ...meter,
      operation: async (sequence) => {
        const number = random.below(keys);
        meter.read(sequence, number, await peer.get(keyOf(number)));
      },
    });
    return meter.sample(result);
  },
};

/** getMany of 100 keys that are there; a request is one call. */
const multireadrandom: Workload = {
  ...base,
  name: 'multireadrandom',
  writers: [1],
  run: async (context) => {
    const meter = new Meter();
    const { peer, random, keys } = context;
    const result = await closedLoop({
      ...context,
      ...meter,
      operation: async (sequence) => {
        const numbers = Array.from({ length: batchKeys }, () => random.below(keys));
        const values = await peer.getMany(numbers.map(keyOf));
        for (let i = 0; i < batchKeys; i++) meter.check(numbers[i] as number, values[i]);
        meter.saw(sequence, numbers[0] as number, values.length);
      },
    });
    return meter.sample(result);
  },
};

/** Seek to a random key and read 100 records from there; a request is one such scan. */
const seekrandom: Workload = {
  ...base,
  name: 'seekrandom',
  writers: [1],
  run: async (context) => {
    const meter = new Meter();
    const { peer, random, keys } = context;
    const result = await closedLoop({
      ...context,
      ...meter,
      operation: async (sequence) => {
        const number = random.below(Math.max(1, keys - batchKeys));
        meter.saw(sequence, number, await peer.scan(keyOf(number), batchKeys));
      },
    });
    return meter.sample(result);
  },
};

/** All records in order; a request is one record, its latency that of its page over the page. */
const readseq: Workload = {
  ...base,
  name: 'readseq',
  writers: [1],
  single: true,
  run: async (context) => {
    const meter = new Meter();
    let records = 0;
    let passes = 0;
    let bytes = 0;
    const started = performance.now();
    let before = started;
    meter.span.start();
    const more = (): boolean =>
      records < context.operationsMax && performance.now() - started < context.durationMs;
    do {
      await context.peer.readAll((count, size) => {
        const now = performance.now();
        meter.histogram.record(((now - before) * 1e6) / count, count);
        before = now;
        records += count;
        if (passes === 0) bytes += size;
        return more();
      });
      passes += 1;
    } while (records > 0 && more());
    meter.span.stop();
    for (let i = 0; i < 256 && records >= context.keys; i++) meter.saw(i, context.keys, bytes);
    return meter.sample({ operations: records, elapsedMs: performance.now() - started });
  },
};

/** readrandom while one writer overwrites durably; only the reads are counted. */
const readwhilewriting: Workload = {
  ...base,
  name: 'readwhilewriting',
  changes: true,
  writers: [64],
  run: async (context) => {
    const meter = new Meter();
    const { peer, random, keys, values } = context;
    // A source of its own: the reads' keys must not depend on how fast the writer is.
    const writerRandom = createRandomSource(context.seed, 'writer');
    let writing = true;
    const writer = async (): Promise<void> => {
      for (let version = 1; writing; version++) {
        const number = writerRandom.below(keys);
        await peer.put(keyOf(number), values.next(number, version));
        // A store that writes on the main thread must leave the readers a turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const writes = writer().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const reads = closedLoop({
      ...context,
      ...meter,
      operation: async (sequence) => {
        const number = random.below(keys);
        meter.read(sequence, number, await peer.get(keyOf(number)));
        if (sequence % context.writers === 0) await new Promise((done) => setImmediate(done));
      },
    });
    const result = await reads.finally(() => {
      writing = false;
    });
    const failed = await writes;
    if (failed !== null) throw failed.error;
    return meter.sample(result);
  },
};

export const readWorkloads: readonly Workload[] = [
  getsync,
  readrandom,
  multireadrandom,
  seekrandom,
  readseq,
  readwhilewriting,
];
