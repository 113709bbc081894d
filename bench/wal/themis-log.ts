/**
 * The log of Themis as a contestant: the real producer, ring, log thread, group commit and
 * segments; without consensus and state behind it. What a state would do when it has applied a
 * record, releasing the ring and at times truncating the log, is done as soon as it is durable.
 */
import { MiB, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ResidentThread } from '../../src/pool/index.js';
import {
  createPreparationPool,
  Log,
  LogThreadDriver,
  logControlWords,
  type PreparationPool,
} from '../../src/wal/index.js';
import type { LogContestant, LogSync, LogUnderTest } from './contestant.js';
import type { ThemisLogArgument } from './themis-log-thread.js';

/** Bytes of payload after which the log is truncated, so that its segments are used again. */
const truncateBytes = 256 * MiB;
const stream = 0;
const ballot = 1;

export const themisLog: LogContestant = {
  name: 'themis log',
  open: openThemisLog,
};

async function openThemisLog(folder: string, sync: LogSync): Promise<LogUnderTest> {
  const memory = new Uint8Array(new SharedArrayBuffer(limits.ringBytes));
  const control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
  const url = new URL('./themis-log-thread.js', import.meta.url);
  const thread = new ResidentThread({ name: 'log', url });
  const preparation = createPreparationPool();
  const driver = new LogThreadDriver(thread, control, preparation.prepare);
  const argument: ThemisLogArgument = { folder, sync, memory, control };
  try {
    await thread.start(argument);
  } catch (error) {
    await thread.close();
    await preparation.close();
    throw error;
  }
  return new ThemisLog(new Log(memory, control, driver), memory, preparation);
}

class ThemisLog implements LogUnderTest {
  readonly #log: Log;
  readonly #memory: Uint8Array;
  readonly #preparation: PreparationPool;
  #index = 0;
  #truncateAt = truncateBytes;
  #truncating: Promise<void> = Promise.resolve();

  constructor(log: Log, memory: Uint8Array, preparation: PreparationPool) {
    this.#log = log;
    this.#memory = memory;
    this.#preparation = preparation;
  }

  append(payload: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const offset = this.#log.reserve(payload.length);
      if (offset < 0) {
        const message = 'The ring of the log is full; measure with fewer or smaller records.';
        throw new ThemisError('THEMIS_OVERLOADED', message);
      }
      this.#memory.set(payload, offset);
      this.#index += 1;
      this.#log.append(stream, this.#index, ballot, payload.length);
    }
  }

  onDurable(listener: (records: number) => void, failed: (error: unknown) => void): void {
    this.#log.listener = {
      durable: (_stream, index, position) => {
        this.#log.release(position);
        if (this.#log.appendedBytes >= this.#truncateAt) this.#truncate(index, failed);
        listener(index);
      },
      failed,
    };
  }

  async close(): Promise<void> {
    await this.#truncating;
    await this.#log.close();
    await this.#preparation.close();
  }

  #truncate(index: number, failed: (error: unknown) => void): void {
    this.#truncateAt = this.#log.appendedBytes + truncateBytes;
    this.#truncating = this.#log.truncate(stream, index).catch(failed);
  }
}
