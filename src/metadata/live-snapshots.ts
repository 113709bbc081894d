/**
 * The versions that open snapshots read at, in memory that the state thread shares.
 *
 *   offset  size  field
 *        0     4  count    snapshots that are open
 *        4     4  used     slots [0, used) may be taken; the rest are free
 *        8     4  released snapshots closed so far, wrapping: tells that pruning may pay
 *       12     4  history  history records in the store, at least (see applier.ts)
 *       16     8  slot 0   version + 1, or 0 when free
 *       24     8  slot 1 ...
 *
 * One thread acquires and releases; any thread reads. The state thread keeps the versions that a
 * live snapshot needs, which works because of an order: a snapshot is acquired at a version that
 * is not below any that was published as committed before. So whoever reads "committed up to V"
 * and then looks here finds every snapshot below V that will ever need what V replaces.
 */
import { assert, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';

const countWord = 0;
const usedWord = 1;
const releasedWord = 2;
const historyWord = 3;
const firstSlotLong = 2;

export class LiveSnapshots {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #longs: BigInt64Array;
  readonly #capacity: number;
  /** Slots below `used` that are free; known to the acquiring thread alone. */
  readonly #free: number[] = [];

  /** Over a buffer that another thread created, or over a new one. */
  constructor(buffer?: SharedArrayBuffer, capacity: number = limits.liveSnapshotsMax) {
    this.buffer = buffer ?? new SharedArrayBuffer((firstSlotLong + capacity) * 8);
    this.#words = new Int32Array(this.buffer, 0, 4);
    this.#longs = new BigInt64Array(this.buffer);
    this.#capacity = this.#longs.length - firstSlotLong;
  }

  get count(): number {
    return Atomics.load(this.#words, countWord);
  }

  /** Changes whenever a snapshot was closed. */
  get released(): number {
    return Atomics.load(this.#words, releasedWord);
  }

  /**
   * Keeps what a reader at this version needs, until the returned ticket is released.
   * Throws THEMIS_SNAPSHOT_LIMIT.
   */
  acquire(version: number): number {
    const used = Atomics.load(this.#words, usedWord);
    const slot = this.#free.pop() ?? used;
    if (slot >= this.#capacity) {
      throw new ThemisError(
        'THEMIS_SNAPSHOT_LIMIT',
        `${this.#capacity} snapshots and iterators are open; close one first.`,
      );
    }
    Atomics.store(this.#longs, firstSlotLong + slot, BigInt(version) + 1n);
    if (slot === used) Atomics.store(this.#words, usedWord, used + 1);
    Atomics.add(this.#words, countWord, 1);
    return slot;
  }

  release(ticket: number): void {
    const before = Atomics.exchange(this.#longs, firstSlotLong + ticket, 0n);
    assert(before !== 0n, 'a snapshot is released once');
    this.#free.push(ticket);
    Atomics.add(this.#words, releasedWord, 1);
    if (Atomics.sub(this.#words, countWord, 1) !== 1) return;
    this.#free.length = 0;
    Atomics.store(this.#words, usedWord, 0);
  }

  /** The lowest live version, or -1. */
  oldest(): number {
    const versions = this.versions();
    return versions.length === 0 ? -1 : (versions[0] as number);
  }

  /** The highest live version, or -1. */
  newest(): number {
    const versions = this.versions();
    return versions.length === 0 ? -1 : (versions[versions.length - 1] as number);
  }

  /** All live versions, ascending, each once. */
  versions(): Float64Array {
    if (this.count === 0) return nothing;
    const used = Atomics.load(this.#words, usedWord);
    const found = new Float64Array(used);
    let length = 0;
    for (let slot = 0; slot < used; slot++) {
      const value = Atomics.load(this.#longs, firstSlotLong + slot);
      if (value !== 0n) found[length++] = Number(value) - 1;
    }
    const sorted = found.subarray(0, length).sort();
    let distinct = 0;
    for (let i = 0; i < length; i++) {
      if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[distinct++] = sorted[i] as number;
    }
    return sorted.subarray(0, distinct);
  }

  /** How many history records the store may hold. 0 means none: readers need not look. */
  get historyRecords(): number {
    return Atomics.load(this.#words, historyWord);
  }

  /** Called by the applying thread: before it adds records, and after it removed some. */
  setHistoryRecords(count: number): void {
    Atomics.store(this.#words, historyWord, count);
  }
}

const nothing = new Float64Array(0);

/** True when one of the ascending versions is in [from, until). */
export function someVersionIn(versions: Float64Array, from: number, until: number): boolean {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((versions[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low < versions.length && (versions[low] as number) < until;
}
