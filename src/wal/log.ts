/**
 * The log as its producer sees it: reserve room in the ring, write a payload there, append; later
 * hear how far everything is durable. No message and no promise per record: appends of one turn of
 * the event loop are published together (a long turn in parts, so that the log thread can begin),
 * and durability is reported as a watermark per batch.
 *
 * Invariants: records become durable in the order of append; nothing is reported durable before its
 * sync returned (with `sync` durability); after `failed` nothing is reported durable any more.
 */
import { ThemisError } from '../base/index.js';
import type { LogDriver } from './log-driver.js';
import { recordHeaderBytes, recordKinds, writeRecordHeader } from './record.js';
import { logPhases, logWords, RingWriter, unitsBetween } from './ring.js';

export interface LogListener {
  /** Records of `stream` up to `index` are durable; they end at ring position `position`. */
  durable(stream: number, index: number, position: number): void;
  /** The log has ended by a fault; nothing that was not durable will ever be. */
  failed(error: unknown): void;
}

/** Records after which a turn that still appends publishes what it has. */
const publishRecords = 32;

/** Records that are in flight, in order: a circular buffer of numbers. */
class InFlight {
  #mask = 1023;
  #positions = new Uint32Array(1024);
  #streams = new Uint32Array(1024);
  #indexes = new Float64Array(1024);
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#head - this.#tail;
  }

  push(position: number, stream: number, index: number): void {
    if (this.size > this.#mask) this.#grow();
    const at = this.#head++ & this.#mask;
    this.#positions[at] = position;
    this.#streams[at] = stream;
    this.#indexes[at] = index;
  }

  /** Takes what ends within `units` of `from`; one call of `taken` per run of one stream. */
  take(from: number, units: number, taken: LogListener['durable']): void {
    let stream = -1;
    let index = 0;
    let position = 0;
    while (this.#tail !== this.#head) {
      const at = this.#tail & this.#mask;
      const end = this.#positions[at] as number;
      if (unitsBetween(from, end) > units) break;
      if (stream !== -1 && stream !== this.#streams[at]) taken(stream, index, position);
      stream = this.#streams[at] as number;
      index = this.#indexes[at] as number;
      position = end;
      this.#tail++;
    }
    if (stream !== -1) taken(stream, index, position);
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2;
    const positions = new Uint32Array(size);
    const streams = new Uint32Array(size);
    const indexes = new Float64Array(size);
    for (let i = this.#tail; i < this.#head; i++) {
      positions[i & (size - 1)] = this.#positions[i & this.#mask] as number;
      streams[i & (size - 1)] = this.#streams[i & this.#mask] as number;
      indexes[i & (size - 1)] = this.#indexes[i & this.#mask] as number;
    }
    this.#mask = size - 1;
    this.#positions = positions;
    this.#streams = streams;
    this.#indexes = indexes;
  }
}

export class Log {
  readonly memory: Uint8Array;
  readonly #ring: RingWriter;
  readonly #view: DataView;
  readonly #control: Int32Array;
  readonly #driver: LogDriver;
  readonly #inFlight = new InFlight();
  readonly #record = { length: 0, kind: recordKinds.command, stream: 0, index: 0, ballot: 0 };
  readonly #endOfTurn = () => this.#publish();
  #listener: LogListener = { durable: () => undefined, failed: () => undefined };
  #reserved = 0;
  #appendedBytes = 0;
  /** Records behind the published position. */
  #unpublished = 0;
  #durable = 0;
  #publishing = false;
  #watching = false;
  #ended = false;
  #failing: Promise<void> | null = null;

  constructor(memory: Uint8Array, control: Int32Array, driver: LogDriver) {
    this.memory = memory;
    this.#ring = new RingWriter(memory);
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.length);
    this.#control = control;
    this.#driver = driver;
  }

  set listener(listener: LogListener) {
    this.#listener = listener;
  }

  /** Bytes of the ring in use: written and not yet released. */
  get usedBytes(): number {
    return this.#ring.used;
  }

  /** Bytes of records appended since the start. */
  get appendedBytes(): number {
    return this.#appendedBytes;
  }

  /** Records appended and not yet durable. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Offset in `memory` for a payload of this size, or -1 while the ring has no room, and while it
   * is not known yet why the log failed: `failed` tells.
   */
  reserve(payloadBytes: number): number {
    if (this.#failing !== null) return -1;
    if (this.#ended) throw new ThemisError('THEMIS_CLOSED', 'The log is closed; open it again.');
    if (Atomics.load(this.#control, logWords.full) === 1) {
      const message = 'No space is left for the log; free space on its disk, then write again.';
      throw new ThemisError('THEMIS_DISK_FULL', message);
    }
    const offset = this.#ring.reserve(payloadBytes);
    if (offset < 0) return -1;
    this.#reserved = offset;
    return offset + recordHeaderBytes;
  }

  /** Appends the record whose payload was written at the reserved offset. */
  append(stream: number, index: number, ballot: number, payloadBytes: number): void {
    const record = this.#record;
    record.length = payloadBytes;
    record.stream = stream;
    record.index = index;
    record.ballot = ballot;
    writeRecordHeader(this.#view, this.#reserved, record);
    this.#ring.advance(payloadBytes);
    this.#appendedBytes += payloadBytes + recordHeaderBytes;
    this.#inFlight.push(this.#ring.head, stream, index);
    if (++this.#unpublished === publishRecords) this.#publishPart();
    if (this.#publishing) return;
    this.#publishing = true;
    Atomics.store(this.#control, logWords.appending, 1);
    queueMicrotask(this.#endOfTurn);
  }

  /** Frees the ring up to `position`: its records were applied. */
  release(position: number): void {
    this.#ring.release(position);
  }

  /** Records of the stream up to `index` are no longer needed on disk. */
  truncate(stream: number, index: number): Promise<void> {
    return this.#driver.request('truncate', { stream, index });
  }

  /** Makes everything that was reported durable survive a power cut: news with `buffered` only. */
  sync(): Promise<void> {
    return this.#driver.request('sync', null);
  }

  /** The stream goes on at any index: behind a gap that something else accounts for. */
  restart(stream: number): Promise<void> {
    return this.#driver.request('restart', { stream });
  }

  status<T>(): Promise<T> {
    return this.#driver.request<T>('status', null);
  }

  /**
   * Writes what was appended, proves it synced, and ends the log. What finds no space is told to
   * the listener as THEMIS_DISK_FULL: none of it was written.
   */
  async close(): Promise<void> {
    // A fault that nothing waited on is heard of here.
    if (this.#hasFailed) this.#fail();
    try {
      if (!this.#ended) await this.#stop();
      else await this.#failing;
    } finally {
      await this.#driver.close();
    }
  }

  async #stop(): Promise<void> {
    this.#ended = true;
    this.#publish();
    try {
      await this.#driver.request('stop', null);
    } catch (error) {
      this.#settle();
      this.#listener.failed(error);
      throw error;
    }
    this.#settle();
    if (this.#inFlight.size === 0) return;
    const message = 'No space was left for the log; the write was left out. Free space, reopen.';
    this.#listener.failed(new ThemisError('THEMIS_DISK_FULL', message));
  }

  #publish(): void {
    this.#publishing = false;
    this.#publishPart();
    this.#watch();
  }

  #publishPart(): void {
    this.#unpublished = 0;
    Atomics.store(this.#control, logWords.published, this.#ring.head | 0);
    if (!this.#publishing) Atomics.store(this.#control, logWords.appending, 0);
    this.#driver.wake();
  }

  #watch(): void {
    if (this.#watching || this.#inFlight.size === 0) return;
    this.#watching = true;
    this.#driver.watch(this.#durable, () => {
      this.#watching = false;
      this.#settle();
      if (this.#hasFailed) this.#fail();
      else this.#watch();
    });
  }

  get #hasFailed(): boolean {
    return Atomics.load(this.#control, logWords.phase) === logPhases.failed;
  }

  #settle(): void {
    const durable = Atomics.load(this.#control, logWords.durable) >>> 0;
    const units = unitsBetween(this.#durable, durable);
    if (units === 0) return;
    const from = this.#durable;
    this.#durable = durable;
    this.#inFlight.take(from, units, (stream, index, position) =>
      this.#listener.durable(stream, index, position),
    );
  }

  #fail(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failing = this.#tellFailure();
  }

  async #tellFailure(): Promise<void> {
    const error = await this.#driver.failure();
    this.#failing = null;
    this.#listener.failed(error);
  }
}
