/**
 * Keeps N records in flight in a log: whenever some became durable, as many are appended. This is
 * what the producer thread of group-commit.c does, and latencies are taken in the same way: one
 * time stamp for all records that are appended together.
 */
import { performance } from 'node:perf_hooks';
import { Histogram, type Sample, Span } from '../harness/index.js';
import type { LogUnderTest } from './contestant.js';

export interface DriveOptions {
  readonly inFlight: number;
  readonly payloadBytes: number;
  readonly warmupMs: number;
  readonly durationMs: number;
}

/** One run; rejects with what the log failed with. */
export function driveLog(log: LogUnderTest, options: DriveOptions): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const run = new LogRun(log, options, resolve);
    log.onDurable((records) => run.durable(records), reject);
    run.begin();
  });
}

class LogRun {
  readonly #log: LogUnderTest;
  readonly #options: DriveOptions;
  readonly #done: (sample: Sample) => void;
  readonly #payload: Uint8Array;
  readonly #since: Float64Array;
  readonly #histogram = new Histogram();
  readonly #span = new Span();
  #appended = 0;
  #durable = 0;
  #counted = 0;
  #countFrom = 0;
  #endAt = Number.POSITIVE_INFINITY;
  #lastAt = 0;
  #phase: 'warming' | 'counting' | 'draining' | 'done' = 'warming';

  constructor(log: LogUnderTest, options: DriveOptions, done: (sample: Sample) => void) {
    this.#log = log;
    this.#options = options;
    this.#done = done;
    this.#since = new Float64Array(options.inFlight);
    this.#payload = new Uint8Array(options.payloadBytes);
    for (let i = 0; i < this.#payload.length; i++) this.#payload[i] = i * 31 + 7;
  }

  begin(): void {
    this.#countFrom = performance.now() + this.#options.warmupMs;
    this.#append(this.#options.inFlight);
  }

  durable(records: number): void {
    const now = performance.now();
    const fresh = records - this.#durable;
    if (this.#phase === 'counting') this.#count(fresh, now);
    this.#durable = records;
    if (this.#phase === 'warming' && now >= this.#countFrom) this.#startCounting(now);
    else if (this.#phase === 'counting' && now >= this.#endAt) this.#phase = 'draining';
    if (this.#phase !== 'draining') this.#append(fresh);
    else if (this.#durable === this.#appended) this.#finish();
  }

  #append(count: number): void {
    const now = performance.now();
    for (let i = 0; i < count; i++) {
      this.#since[(this.#appended + i) % this.#options.inFlight] = now;
    }
    this.#appended += count;
    this.#log.append(this.#payload, count);
  }

  #startCounting(now: number): void {
    this.#phase = 'counting';
    this.#countFrom = now;
    this.#lastAt = now;
    this.#endAt = now + this.#options.durationMs;
    this.#span.start();
  }

  #count(fresh: number, now: number): void {
    // Records appended together were stamped together, so latencies come in runs.
    for (let i = 0; i < fresh; ) {
      const since = this.#since[(this.#durable + i) % this.#options.inFlight] as number;
      let run = 1;
      while (i + run < fresh && this.#sinceAt(this.#durable + i + run) === since) run++;
      this.#histogram.record((now - since) * 1e6, run);
      i += run;
    }
    this.#counted += fresh;
    this.#lastAt = now;
  }

  #sinceAt(record: number): number {
    return this.#since[record % this.#options.inFlight] as number;
  }

  #finish(): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.#span.stop();
    const span = this.#span.result();
    const elapsedMs = this.#lastAt - this.#countFrom;
    this.#done({
      operations: this.#counted,
      elapsedMs,
      perSecond: (this.#counted / elapsedMs) * 1000,
      ...this.#histogram.percentiles(),
      cpuUsPerOperation: (span.cpuMs * 1000) / this.#counted,
      rssMiB: span.rssBytes / 2 ** 20,
      otherCores: span.otherCores,
      hash: '-',
      eventLoop: null,
      intervals: [],
    });
  }
}
