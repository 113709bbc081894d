/** The clock of the suite in Node: contestants that are asked for many calls at once. */
import { performance } from 'node:perf_hooks';
import { type Sample, Span } from '../harness/index.js';

export interface CodingContestant {
  readonly name: string;
  readonly bytesPerCall: number;
  /** Does the work so many times over. */
  run(calls: number): Promise<void> | void;
  /** Before each sample, not timed. */
  begin?(): Promise<void> | void;
  /** Digest of the result, equal for contestants that computed the same. */
  hash(): string;
}

/** Batches in a sample; percentiles are of the means of batches. */
const batches = 16;

async function timed({ run }: CodingContestant, calls: number): Promise<number> {
  const start = performance.now();
  const running = run(calls);
  if (running !== undefined) await running;
  return performance.now() - start;
}

/** One sample of about `sampleMs`; what is spent on finding the size of a batch warms up. */
export async function sampleOf(contestant: CodingContestant, sampleMs: number): Promise<Sample> {
  await contestant.begin?.();
  let calls = 1;
  while ((await timed(contestant, calls)) < sampleMs / batches) calls *= 2;
  const us: number[] = [];
  const span = new Span();
  span.start();
  let elapsedMs = 0;
  while (elapsedMs < sampleMs) {
    const ms = await timed(contestant, calls);
    elapsedMs += ms;
    us.push((ms * 1000) / calls);
  }
  const spent = span.result();
  us.sort((a, b) => a - b);
  const at = (share: number): number =>
    us[Math.floor(us.length * share)] ?? us.at(-1) ?? Number.NaN;
  const operations = us.length * calls;
  return {
    operations,
    elapsedMs,
    perSecond: (operations / elapsedMs) * 1000,
    ...{ p50Us: at(0.5), p90Us: at(0.9), p99Us: at(0.99), p999Us: at(0.999), maxUs: at(1) },
    cpuUsPerOperation: (spent.cpuMs * 1000) / operations,
    rssMiB: spent.rssBytes / 2 ** 20,
    otherCores: spent.otherCores,
    hash: contestant.hash(),
    eventLoop: null,
    intervals: [],
  };
}

/** The sample of somebody who knows no more than a rate: every latency is the mean. */
export function sampleOfRate(perSecond: number): Sample {
  const us = 1e6 / perSecond;
  return {
    ...{ operations: 1, elapsedMs: us / 1000, perSecond },
    ...{ p50Us: us, p90Us: us, p99Us: us, p999Us: us, maxUs: us },
    ...{ cpuUsPerOperation: us, rssMiB: 0, otherCores: null, hash: '-' },
    ...{ eventLoop: null, intervals: [] },
  };
}
