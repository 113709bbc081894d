/**
 * The ring between the main loop and its threads: each record is written once, in its on-disk
 * layout, and read in place by the log thread (which makes it durable) and the state thread (which
 * applies it). Its room is used again when it was applied.
 *
 *   memory    ringBytes, a power of two. Records are contiguous and 8-aligned and never wrap: where
 *             the rest is too short for the next record a header of kind `skip` covers it (a rest
 *             shorter than a header is left as it is).
 *   positions count 8-byte units from the start of time, modulo 2^32; unit u lies at
 *             (u mod ringBytes / 8) * 8.
 *   control   32-bit words in shared memory, far enough apart not to share a cache line.
 *
 * One producer. A consumer that finds nothing sets its `sleeping` word and waits on its `wake`
 * word; the producer changes `wake` only when somebody sleeps, so a busy ring costs no system call.
 * (The order store-published, load-sleeping against store-sleeping, load-published is sequentially
 * consistent: one of the two sees the other.)
 */
import { assert } from '../base/index.js';
import { recordHeaderBytes, recordOffsets } from './record.js';

/** Kind of a header that only fills the end of the ring. */
export const skipKind = 0xffff;
/** What positions count. */
export const unitBytes = 8;

/** Words of the log's control block. */
export const logWords = {
  /** Position up to which the producer has written. */
  published: 0,
  /** Changed to wake the log thread. */
  wake: 16,
  /** 1 while the log thread sleeps or is about to. */
  sleeping: 32,
  /** Position up to which the log is durable (written, with buffered durability). */
  durable: 48,
  /** A phase of logPhases. */
  phase: 64,
  /** 1 while the producer appends further records, which it will publish in the same turn. */
  appending: 1,
  /** Requests that were sent to the log thread; changed behind the message. */
  requests: 17,
  /** Changed whenever `durable` or `phase` changed; what the producer waits on. */
  signal: 80,
  /** 1 while no space is left for another segment: new records are refused. */
  full: 81,
} as const;
export const logControlWords = 96;
export const logPhases = { running: 0, failed: 1, stopped: 2 } as const;

/** The units between two positions; `to` is not behind `from`. */
export function unitsBetween(from: number, to: number): number {
  return (to - from) >>> 0;
}

/** What a consumer finds at `position`: a record to take, or a position to go on from. */
export class RingReader {
  readonly memory: Uint8Array;
  readonly #words: Uint32Array;
  readonly #shorts: Uint16Array;
  readonly #unitMask: number;

  constructor(memory: Uint8Array) {
    assert(memory.byteOffset % 8 === 0, 'the ring is 8-aligned');
    assert((memory.length & (memory.length - 1)) === 0, 'the ring is a power of two');
    this.memory = memory;
    this.#words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
    this.#shorts = new Uint16Array(memory.buffer, memory.byteOffset, memory.length / 2);
    this.#unitMask = memory.length / unitBytes - 1;
  }

  /** Byte offset in the ring of a position. */
  offsetOf(position: number): number {
    return (position & this.#unitMask) * unitBytes;
  }

  /**
   * The position of the next record at or after `position`: itself, or the start of the ring when
   * only a skip or a rest shorter than a header lies there.
   */
  settle(position: number): number {
    const offset = this.offsetOf(position);
    const rest = this.memory.length - offset;
    if (rest < recordHeaderBytes || this.#shorts[(offset + recordOffsets.kind) / 2] === skipKind) {
      return (position + rest / unitBytes) >>> 0;
    }
    return position;
  }

  /** The position after the record at `position`. */
  next(position: number): number {
    const length = this.#words[(this.offsetOf(position) + recordOffsets.length) / 4] as number;
    return (position + ((recordHeaderBytes + length + 7) >>> 3)) >>> 0;
  }
}

/** The producer's end. */
export class RingWriter {
  readonly memory: Uint8Array;
  readonly #view: DataView;
  readonly #units: number;
  #head = 0;
  #tail = 0;

  constructor(memory: Uint8Array) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.length);
    this.#units = memory.length / unitBytes;
  }

  /** Position after the last record that was advanced over. */
  get head(): number {
    return this.#head;
  }

  /** Bytes in use. */
  get used(): number {
    return unitsBetween(this.#tail, this.#head) * unitBytes;
  }

  /**
   * Byte offset of room for a record with this payload, or -1 while there is none. The room is the
   * caller's until `advance`; nothing is taken before.
   */
  reserve(payloadBytes: number): number {
    const needed = (recordHeaderBytes + payloadBytes + 7) >>> 3;
    const at = this.#head & (this.#units - 1);
    const rest = this.#units - at;
    const skipped = needed > rest ? rest : 0;
    if (unitsBetween(this.#tail, this.#head) + skipped + needed > this.#units) return -1;
    if (skipped === 0) return at * unitBytes;
    const restBytes = rest * unitBytes;
    if (restBytes >= recordHeaderBytes) {
      const offset = at * unitBytes;
      this.#view.setUint32(offset + recordOffsets.length, restBytes - recordHeaderBytes, true);
      this.#view.setUint16(offset + recordOffsets.kind, skipKind, true);
    }
    this.#head = (this.#head + rest) >>> 0;
    return 0;
  }

  /** Takes the room of the record that was just written at the reserved offset. */
  advance(payloadBytes: number): void {
    this.#head = (this.#head + ((recordHeaderBytes + payloadBytes + 7) >>> 3)) >>> 0;
  }

  /** Frees everything before `position`. */
  release(position: number): void {
    assert(unitsBetween(this.#tail, position) <= unitsBetween(this.#tail, this.#head), 'release');
    this.#tail = position >>> 0;
  }
}
