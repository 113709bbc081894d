/**
 * The log's consumer loop: what the log thread does, one bounded step at a time, so that the same
 * code runs in the thread (log-thread.ts) and inline in the simulator (log-inline.ts).
 *
 * A step takes whatever the producer published, up to the caps of a batch, writes and syncs it as
 * one batch, and publishes the durable position. Batches form by themselves: what gathers while
 * one is synced is the next. While the producer is still appending, what it published so far is
 * sealed already, and the batch waits for the rest as long as that comes quickly: one sync for all
 * of it costs less than two. A full disk is no failure: the batch waits and new records are refused
 * until there is space. Any other failure ends the loop for good (phase `failed`): nothing is
 * published as durable after it.
 */
import { isThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { LogWriter } from './log-writer.js';
import { logPhases, logWords, RingReader, unitBytes, unitsBetween } from './ring.js';

/** What the loop measured; plain numbers that live in shared memory, for metrics. */
export interface LogMeter {
  batch(records: number, bytes: number, writeMs: number): void;
}

export interface LogLoopOptions {
  readonly memory: Uint8Array;
  readonly control: Int32Array;
  readonly writer: LogWriter;
  readonly monotonicMs: () => number;
  readonly meter: LogMeter;
}

/**
 * `worked` with how many records and bytes; `idle` when nothing was published; `full` when what
 * was published waits for space on the disk.
 */
export type StepResult =
  | { readonly kind: 'worked'; readonly records: number; readonly bytes: number }
  | { readonly kind: 'idle' }
  | { readonly kind: 'full' };

/** Looks for further records, about 10 ns each, until a batch is written without them. */
const looksMax = 1_500;

const idle: StepResult = { kind: 'idle' };
const full: StepResult = { kind: 'full' };

export class LogLoop {
  readonly #ring: RingReader;
  readonly #control: Int32Array;
  readonly #writer: LogWriter;
  readonly #monotonicMs: () => number;
  readonly #meter: LogMeter;
  readonly #unitsMax: number;
  #consumed = 0;

  constructor(options: LogLoopOptions) {
    this.#ring = new RingReader(options.memory);
    this.#control = options.control;
    this.#writer = options.writer;
    this.#monotonicMs = options.monotonicMs;
    this.#meter = options.meter;
    this.#unitsMax = Math.min(limits.batchBytesMax, options.writer.batchBytesMax) / unitBytes;
  }

  /** Whether the producer published something that is not written yet. */
  get waiting(): boolean {
    return this.#published !== this.#consumed;
  }

  /** Writes one batch; throws what the writer threw after marking the log as failed. */
  step(): StepResult {
    const published = this.#published;
    if (published === this.#consumed) return idle;
    const start = this.#ring.settle(this.#consumed);
    if (start === published) {
      this.#publish(start);
      return idle;
    }
    const began = this.#monotonicMs();
    try {
      return this.#writeFrom(start, began);
    } catch (error) {
      if (!isThemisError(error, 'THEMIS_DISK_FULL')) {
        this.fail();
        throw error;
      }
      this.setFull(true);
      return full;
    }
  }

  #writeFrom(start: number, began: number): StepResult {
    const writer = this.#writer;
    writer.begin(unitsBetween(start, this.#ring.next(start)) * unitBytes);
    const end = this.#gather(start);
    const { records } = writer.commit();
    this.#publish(end);
    const bytes = unitsBetween(start, end) * unitBytes;
    this.#meter.batch(records, bytes, this.#monotonicMs() - began);
    return { kind: 'worked', records, bytes };
  }

  /** Tells the producer whether there is space for another segment. */
  setFull(isFull: boolean): void {
    Atomics.store(this.#control, logWords.full, isFull ? 1 : 0);
  }

  /** Says that the log has failed; wakes whoever waits for durability. */
  fail(): void {
    this.#end(logPhases.failed);
  }

  /** Says that the log has stopped by request. */
  stop(): void {
    this.#end(logPhases.stopped);
  }

  #end(phase: number): void {
    Atomics.store(this.#control, logWords.phase, phase);
    this.#signal();
  }

  #publish(position: number): void {
    this.#consumed = position;
    Atomics.store(this.#control, logWords.durable, position | 0);
    this.#signal();
  }

  #signal(): void {
    Atomics.add(this.#control, logWords.signal, 1);
    Atomics.notify(this.#control, logWords.signal);
  }

  /** Adds records from `start` on to the batch, as they are published; returns where they end. */
  #gather(start: number): number {
    const { memory } = this.#ring;
    let records = 0;
    let end = start;
    for (let published = this.#published; published !== end; published = this.#look(end)) {
      const unitsMax = Math.min(
        this.#unitsMax - unitsBetween(start, end),
        this.#writer.room / unitBytes,
      );
      const from = end;
      while (end !== published && records < limits.batchRecordsMax) {
        if (end !== start && (this.#ring.offsetOf(end) === 0 || this.#ring.settle(end) !== end)) {
          break;
        }
        const next = this.#ring.next(end);
        if (end !== start && unitsBetween(from, next) > unitsMax) break;
        end = next;
        records++;
      }
      if (end === from) break;
      const offset = this.#ring.offsetOf(from);
      this.#writer.add(memory, offset, offset + unitsBetween(from, end) * unitBytes);
      if (end !== published) break;
    }
    return end;
  }

  /** The published position; for a moment, while the producer is appending, not yet `seen`. */
  #look(seen: number): number {
    for (let looks = 0; looks < looksMax; looks++) {
      const published = this.#published;
      if (published !== seen) return published;
      // What was published before the producer left off is seen by the last look.
      if (Atomics.load(this.#control, logWords.appending) === 0) return this.#published;
    }
    return seen;
  }

  get #published(): number {
    return Atomics.load(this.#control, logWords.published) >>> 0;
  }
}
