/** What a workload is, and the measuring that all of them share. */
import { ThemisError } from '../../src/base/index.js';
import {
  Digest,
  type EventLoopResult,
  Histogram,
  type Interval,
  type RandomSource,
  type Sample,
  Span,
} from '../harness/index.js';
import { stampedKey, type ValueSource } from './data.js';
import type { DurabilityMode, Peer } from './peer.js';

/** What is in the store before: nothing, `keys` records of db_bench's shape, or of YCSB's. */
export type Dataset = 'empty' | 'db_bench' | 'ycsb';

export interface Workload {
  readonly name: string;
  readonly dataset: Dataset;
  /** False when it leaves the dataset as it was, so that the next round can use it again. */
  readonly changes: boolean;
  readonly durability: DurabilityMode;
  /** How many requests are in flight unless said otherwise. */
  readonly writers: readonly number[];
  /** Has one request at a time by its nature, whatever the options say. */
  readonly single?: boolean;
  /** Measured once, not in rounds. */
  readonly once?: boolean;
  /** Needs a long window: tails of short ones leave out the garbage collector. */
  readonly tail?: boolean;
  run(context: WorkloadContext): Promise<Sample>;
}

export interface WorkloadContext {
  readonly peer: Peer;
  readonly keys: number;
  readonly valueBytes: number;
  readonly writers: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Ends a run early, for tests. */
  readonly operationsMax: number;
  readonly intervalMs: number;
  readonly random: RandomSource;
  readonly values: ValueSource;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

/** The first requests go into the digest: as many for every contestant, however fast it is. */
const digestedRequests = 256;

/** Histogram, span and digest of one run. */
export class Meter {
  readonly histogram = new Histogram();
  readonly span = new Span();
  readonly #digest = new Digest();

  /** Checks that a read gave the value of its key. */
  check(key: number, value: Uint8Array | undefined): void {
    if (stampedKey(value) === key) return;
    const what = value === undefined ? 'nothing' : `the value of key ${stampedKey(value)}`;
    throw new ThemisError('THEMIS_ASSERTION', `A read of key ${key} returned ${what}`);
  }

  /** The same, and digests the first ones. */
  read(sequence: number, key: number, value: Uint8Array | undefined): void {
    this.check(key, value);
    this.saw(sequence, key, value?.length ?? 0);
  }

  /** Digests any other result. */
  saw(sequence: number, key: number, result: number): void {
    if (sequence < digestedRequests) this.#digest.add(key, result);
  }

  sample(
    loop: { readonly operations: number; readonly elapsedMs: number },
    more: { readonly eventLoop?: EventLoopResult; readonly intervals?: readonly Interval[] } = {},
  ): Sample {
    const span = this.span.result();
    return {
      operations: loop.operations,
      elapsedMs: loop.elapsedMs,
      perSecond: (loop.operations / loop.elapsedMs) * 1000,
      ...this.histogram.percentiles(),
      cpuUsPerOperation: (span.cpuMs * 1000) / loop.operations,
      rssMiB: span.rssBytes / 2 ** 20,
      otherCores: span.otherCores,
      hash: this.#digest.items < digestedRequests ? '-' : this.#digest.hex(),
      eventLoop: more.eventLoop ?? null,
      intervals: more.intervals ?? [],
    };
  }

  /** After writes: reads the first requests' keys back. Their values must be there. */
  async verify(peer: Peer, written: number, keyNumber: (i: number) => number, key: KeyMaker) {
    for (let i = 0; i < Math.min(written, digestedRequests); i++) {
      const number = keyNumber(i);
      this.read(i, number, await peer.get(key(number)));
    }
  }
}

export type KeyMaker = (number: number) => Uint8Array;
