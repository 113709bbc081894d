/**
 * A workload on the log that follows from a seed: batches over three streams, marks, syncs, spares,
 * truncation, reopening. It knows at every moment what was reported durable.
 */
import { assert, isThemisError } from '../../src/base/index.js';
import { type FileSystem, type RandomStream, seededRandom } from '../../src/io/index.js';
import type { LogWriter, SyncMode } from '../../src/wal/index.js';
import {
  append,
  assertContents,
  type NamedRecord,
  type OpenedLog,
  openLog,
  run,
} from '../wal/log-fixture.js';

const streamCount = 3;

/** What must be there now, and what may be there. */
export interface Promises {
  /** Last index of each stream that was reported durable. */
  readonly durable: readonly number[];
  /** Last index of each stream that was given to the log. */
  readonly written: readonly number[];
  /** Up to here each stream may be gone. */
  readonly truncated: readonly number[];
}

export interface WorkloadOptions {
  readonly seed: number;
  readonly operations: number;
  readonly syncMode: SyncMode;
  /** Longest payload. Default 1500. */
  readonly payloadMax?: number;
}

export class WalWorkload {
  readonly #options: WorkloadOptions;
  readonly #random: RandomStream;
  #durable = [0, 0, 0];
  readonly #written = [0, 0, 0];
  readonly #truncated = [0, 0, 0];
  /** Durable when the next sync returns. */
  #waiting: readonly number[] = [0, 0, 0];

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed).stream('wal');
  }

  promises(): Promises {
    return {
      durable: [...this.#durable],
      written: [...this.#written],
      truncated: [...this.#truncated],
    };
  }

  /** Runs to the end, or to the first error, which it throws. */
  run(fileSystem: FileSystem): void {
    const overrides = { syncMode: this.#options.syncMode };
    let writer = openLog(fileSystem, overrides).writer;
    for (let i = 0; i < this.#options.operations; i++) {
      const dice = this.#random.below(100);
      if (dice < 62) this.#append(writer);
      else if (dice < 70) this.#durably(() => writer.mark());
      else if (dice < 78) this.#durably(() => writer.sync());
      else if (dice < 90) writer.prepareSpare();
      else if (dice < 97) this.#truncate(writer);
      else {
        this.#durably(() => writer.close());
        const opened = openLog(fileSystem, overrides);
        assertKept(opened, this.promises());
        writer = opened.writer;
      }
    }
    this.#durably(() => writer.close());
  }

  #append(writer: LogWriter): void {
    const records: NamedRecord[] = [];
    const next = [...this.#written];
    for (let i = 1 + this.#random.below(4); i > 0; i--) {
      const stream = this.#random.below(streamCount);
      const index = (next[stream] ?? 0) + 1;
      next[stream] = index;
      const length = this.#random.below(this.#options.payloadMax ?? 1500);
      records.push(...run(stream, index, [length]));
    }
    for (let stream = 0; stream < streamCount; stream++) this.#written[stream] = next[stream] ?? 0;
    this.#waiting = next;
    append(writer, records);
    if (this.#options.syncMode !== 'buffered') this.#durable = [...next];
  }

  #durably(call: () => void): void {
    call();
    this.#durable = [...this.#waiting];
  }

  #truncate(writer: LogWriter): void {
    const stream = this.#random.below(streamCount);
    const behind = this.#random.below(12);
    const index = Math.max(this.#truncated[stream] ?? 0, (this.#durable[stream] ?? 0) - behind);
    this.#truncated[stream] = index;
    writer.truncate(stream, index);
  }
}

/** Everything durable is there once and as it was written, and nothing that was never written. */
export function assertKept({ recovered, found }: OpenedLog, promises: Promises): void {
  assert(recovered.damages.length === 0, `no damage: ${JSON.stringify(recovered.damages)}`);
  assertContents(found);
  const byStream = Array.from({ length: streamCount }, () => new Set<number>());
  for (const { stream, index } of found) {
    const indexes = byStream[stream];
    assert(indexes !== undefined && !indexes.has(index), `${stream}/${index} is there once`);
    assert(index <= (promises.written[stream] ?? 0), `${stream}/${index} was written`);
    indexes.add(index);
  }
  for (const [stream, indexes] of byStream.entries()) {
    for (let i = (promises.truncated[stream] ?? 0) + 1; i <= (promises.durable[stream] ?? 0); i++) {
      assert(indexes.has(i), `durable record ${stream}/${i} is there`);
    }
  }
}

/** Is this how the log says that it has failed, or could not be recovered? */
export function isTypedFailure(error: unknown): boolean {
  return (
    isThemisError(error, 'THEMIS_LOG_FAILED') ||
    isThemisError(error, 'THEMIS_IO') ||
    isThemisError(error, 'THEMIS_DISK_FULL')
  );
}
