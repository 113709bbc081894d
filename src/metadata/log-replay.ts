/**
 * Applies records of the log's files that the state does not have: after a start, before anything
 * new is applied, one bounded step after the other. Payloads of many small records share a batch.
 */
import { KiB } from '../base/index.js';
import { limits } from '../config/index.js';
import type { LogReader, LogRecord } from '../wal/index.js';
import type { Applier } from './applier.js';

export interface LogReplayOptions {
  readonly reader: LogReader;
  readonly applier: Applier;
  readonly stream: number;
  /** Log position to stop at. */
  readonly limit: number;
}

export class LogReplay {
  readonly #options: LogReplayOptions;
  readonly #staged: StagedRecords;

  constructor(options: LogReplayOptions) {
    this.#options = options;
    this.#staged = new StagedRecords(options.applier, options.stream);
  }

  /**
   * Applies about `applyBytesMax` of payloads; false when everything up to the limit is applied.
   * Throws THEMIS_LOG_CORRUPT when a batch is not sound any more, and what applying throws.
   */
  async step(): Promise<boolean> {
    const { reader, limit } = this.#options;
    const staged = this.#staged;
    let more = true;
    while (more && staged.bytes < limits.applyBytesMax) {
      more = reader.next(limit, (record) => staged.add(record));
    }
    await staged.apply();
    return more;
  }

  close(): void {
    this.#options.reader.close();
  }
}

/** Payloads copied out of the reader's window, until they are applied. */
class StagedRecords {
  readonly #applier: Applier;
  readonly #stream: number;
  readonly #records: { index: number; ballot: number; offset: number; length: number }[] = [];
  /** Grows; most starts have little to apply. */
  #memory = new Uint8Array(64 * KiB);
  #used = 0;

  constructor(applier: Applier, stream: number) {
    this.#applier = applier;
    this.#stream = stream;
  }

  get bytes(): number {
    return this.#used;
  }

  add(record: LogRecord): void {
    if (record.stream !== this.#stream || record.index <= this.#applier.appliedIndex) return;
    const { index, ballot, payloadLength: length } = record;
    // Commands contain 32-bit words that are read in place.
    const offset = (this.#used + 7) & ~7;
    this.#grow(offset + length);
    this.#memory.set(record.payload, offset);
    this.#used = offset + length;
    this.#records.push({ index, ballot, offset, length });
  }

  async apply(): Promise<void> {
    for (const { index, ballot, offset, length } of this.#records) {
      while (!this.#applier.appendCommand(index, ballot, this.#memory, offset, length)) {
        await this.#applier.flush({ sync: false });
      }
    }
    await this.#applier.flush({ sync: false });
    this.#records.length = 0;
    this.#used = 0;
  }

  #grow(bytes: number): void {
    if (bytes <= this.#memory.length) return;
    const memory = new Uint8Array(Math.max(bytes, 2 * this.#memory.length));
    memory.set(this.#memory.subarray(0, this.#used));
    this.#memory = memory;
  }
}
