/**
 * One measurement of the suite `blob`, or one filling of a dataset, as a function of plain data:
 * the same whether it is called here or in a process of its own (child.ts).
 */
import { must, ThemisError } from '../../src/base/index.js';
import { closedLoop, createRandomSource, Histogram, type Sample, Span } from '../harness/index.js';
import type { BlobContestant, BlobPeer } from './contestant.js';
import { blobContestants } from './contestants.js';

export interface BlobRun {
  readonly kind: 'put' | 'get' | 'fill';
  readonly contestant: string;
  readonly folder: string;
  readonly valueBytes: number;
  /** Requests in flight. */
  readonly inFlight: number;
  /** Values of the dataset, for `get` and `fill`. */
  readonly values: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly seed: number;
}

/** Puts that are read back after the measurement. */
const verified = 64;
const stampBytes = 8;
/** Numbers of values that are put before the measurement. */
const firstUnmeasured = 2 ** 31;

export async function runBlobs(run: BlobRun): Promise<Sample | null> {
  const peer = await contestantNamed(run.contestant).open(run.folder);
  try {
    switch (run.kind) {
      case 'fill':
        await fill(peer, run);
        return null;
      case 'put':
        return await measurePuts(peer, run);
      case 'get':
        return await measureGets(peer, run);
    }
  } finally {
    await peer.close();
  }
}

export function contestantNamed(name: string): BlobContestant {
  return must(
    blobContestants.find((one) => one.name === name),
    'the contestant is one of the list',
  );
}

/** Random values that differ by a stamp; one that is in flight is not used again. */
class Values {
  readonly #free: Buffer[] = [];

  constructor({ seed, valueBytes, inFlight }: BlobRun) {
    const random = createRandomSource(seed, 'values');
    for (let i = 0; i < inFlight; i++) {
      const value = Buffer.alloc(valueBytes);
      for (let at = 0; at + 4 <= valueBytes; at += 4) {
        value.writeUInt32LE(random.u32(), at);
      }
      this.#free.push(value);
    }
  }

  async use<T>(number: number, work: (value: Buffer) => Promise<T>): Promise<T> {
    const value = must(this.#free.pop(), 'as many values as requests in flight');
    value.writeDoubleLE(number, 0);
    try {
      return await work(value);
    } finally {
      this.#free.push(value);
    }
  }
}

async function fill(peer: BlobPeer, run: BlobRun): Promise<void> {
  const values = new Values(run);
  await closedLoop({
    writers: run.inFlight,
    warmupMs: 0,
    durationMs: Number.POSITIVE_INFINITY,
    sequenceMax: run.values,
    operation: (number) => values.use(number, (value) => peer.put(number, value)),
    histogram: new Histogram(),
    span: new Span(),
  });
}

async function measurePuts(peer: BlobPeer, run: BlobRun): Promise<Sample> {
  const values = new Values(run);
  const put = (number: number) => values.use(number, (value) => peer.put(number, value));
  // Threads that start with the first requests are ready when the measurement begins.
  for (let round = 0; round < 2; round++) {
    const numbers = Array.from({ length: run.inFlight }, (_, i) => firstUnmeasured + i);
    await Promise.all(numbers.map(put));
  }
  const { sample, requests } = await measure(run, put);
  for (let number = 0; number < Math.min(requests, verified); number++) {
    check(number, await peer.get(number), run);
  }
  return sample;
}

/** All values are read once before, so that they lie in the cache of the system for everybody. */
async function measureGets(peer: BlobPeer, run: BlobRun): Promise<Sample> {
  const get = async (number: number): Promise<void> => {
    check(number % run.values, await peer.get(number % run.values), run);
  };
  for (let number = 0; number < run.values; number++) await get(number);
  return (await measure(run, get)).sample;
}

async function measure(run: BlobRun, operation: (number: number) => Promise<unknown>) {
  const histogram = new Histogram();
  const span = new Span();
  const { inFlight, warmupMs, durationMs } = run;
  const loop = await closedLoop({
    writers: inFlight,
    warmupMs,
    durationMs,
    operation,
    histogram,
    span,
  });
  const spent = span.result();
  const sample: Sample = {
    operations: loop.operations,
    elapsedMs: loop.elapsedMs,
    perSecond: (loop.operations / loop.elapsedMs) * 1000,
    ...histogram.percentiles(),
    cpuUsPerOperation: (spent.cpuMs * 1000) / loop.operations,
    rssMiB: spent.rssBytes / 2 ** 20,
    otherCores: spent.otherCores,
    hash: '-',
    eventLoop: null,
    intervals: [],
  };
  return { sample, requests: loop.nextSequence };
}

function check(number: number, value: Uint8Array, { valueBytes }: BlobRun): void {
  const bytes = Buffer.from(value.buffer, value.byteOffset, Math.min(stampBytes, value.length));
  if (value.length === valueBytes && bytes.readDoubleLE(0) === number) return;
  throw new ThemisError('THEMIS_ASSERTION', `A read of value ${number} returned another`);
}
