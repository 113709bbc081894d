/** A log's loop over files in memory, with a producer that the test plays. */
import { assert } from '../../src/base/index.js';
import type { FileSystem } from '../../src/io/index.js';
import { LogLoop } from '../../src/wal/log-loop.js';
import type { LogWriter, LogWriterOptions } from '../../src/wal/log-writer.js';
import { recordHeaderBytes, recordKinds, writeRecordHeader } from '../../src/wal/record.js';
import { logControlWords, logWords, RingWriter } from '../../src/wal/ring.js';
import { openLog, payloadOf } from './log-fixture.js';

export class LoopUnderTest {
  readonly memory: Uint8Array;
  readonly control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
  readonly ring: RingWriter;
  readonly writer: LogWriter;
  readonly loop: LogLoop;
  /** Records of each batch, as the meter heard them. */
  readonly batches: number[] = [];
  readonly #view: DataView;
  #index = 0;

  constructor(
    fileSystem: FileSystem,
    overrides: Partial<LogWriterOptions> & { readonly ringBytes?: number } = {},
  ) {
    const { ringBytes = 1 << 16, ...options } = overrides;
    this.memory = new Uint8Array(new SharedArrayBuffer(ringBytes));
    this.#view = new DataView(this.memory.buffer);
    this.ring = new RingWriter(this.memory);
    this.writer = openLog(fileSystem, options).writer;
    this.loop = new LogLoop({
      memory: this.memory,
      control: this.control,
      writer: this.writer,
      monotonicMs: () => 0,
      meter: { batch: (records) => this.batches.push(records) },
    });
  }

  get durable(): number {
    return this.word('durable') >>> 0;
  }

  word(name: keyof typeof logWords): number {
    return Atomics.load(this.control, logWords[name]);
  }

  /** Writes the next record of stream 1; false when the ring has no room. */
  put(bytes: number): boolean {
    const offset = this.ring.reserve(bytes);
    if (offset < 0) return false;
    const index = ++this.#index;
    const kind = recordKinds.command;
    writeRecordHeader(this.#view, offset, { length: bytes, kind, stream: 1, index, ballot: 9 });
    this.memory.set(payloadOf(1, index, bytes), offset + recordHeaderBytes);
    this.ring.advance(bytes);
    return true;
  }

  putAll(...lengths: number[]): void {
    for (const bytes of lengths) assert(this.put(bytes), 'the ring has room');
  }

  publish(): void {
    Atomics.store(this.control, logWords.published, this.ring.head | 0);
  }

  /** Steps until nothing is left to do; the ring is free behind it. */
  drain(): void {
    while (this.loop.step().kind === 'worked');
    this.ring.release(this.durable);
  }
}
