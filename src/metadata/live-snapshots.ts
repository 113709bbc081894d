/**
 * The versions that open snapshots read at, in memory that the state thread shares.
 *
 *   offset  size  field
 *        0     4  count    versions that are held
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
import { must, ThemisError } from '../base/index.js';
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
  /** What the acquiring thread knows alone: slots below `used` that are free, and holders. */
  readonly #free: number[] = [];
  readonly #held = new Map<number, { readonly slot: number; holders: number }>();
  #open = 0;

  /** Over a buffer that another thread created, or over a new one. */
  constructor(buffer?: SharedArrayBuffer, capacity: number = limits.liveSnapshotsMax) {
    this.buffer = buffer ?? new SharedArrayBuffer((firstSlotLong + capacity) * 8);
    this.#words = new Int32Array(this.buffer, 0, 4);
    this.#longs = new BigInt64Array(this.buffer);
    this.#capacity = this.#longs.length - firstSlotLong;
  }

  /** Distinct versions that are held. */
  get count(): number {
    return Atomics.load(this.#words, countWord);
  }

  /** Changes whenever a snapshot was closed. */
  get released(): number {
    return Atomics.load(this.#words, releasedWord);
  }

  /**
   * Keeps what a reader at this version needs until it is released as often as it was acquired.
   * Throws THEMIS_SNAPSHOT_LIMIT.
   */
  acquire(version: number): void {
    if (this.#open >= this.#capacity) {
      throw new ThemisError(
        'THEMIS_SNAPSHOT_LIMIT',
        `${this.#capacity} snapshots and iterators are open; close one first.`,
      );
    }
    this.#open++;
    const held = this.#held.get(version);
    if (held !== undefined) {
      held.holders++;
      return;
    }
    const used = Atomics.load(this.#words, usedWord);
    const slot = this.#free.pop() ?? used;
    this.#held.set(version, { slot, holders: 1 });
    Atomics.store(this.#longs, firstSlotLong + slot, BigInt(version) + 1n);
    if (slot === used) Atomics.store(this.#words, usedWord, used + 1);
    Atomics.add(this.#words, countWord, 1);
  }

  release(version: number): void {
    const held = must(this.#held.get(version), 'a snapshot that is released is held');
    this.#open--;
    if (--held.holders > 0) return;
    this.#held.delete(version);
    this.#free.push(held.slot);
    Atomics.store(this.#longs, firstSlotLong + held.slot, 0n);
    Atomics.add(this.#words, releasedWord, 1);
    if (Atomics.sub(this.#words, countWord, 1) !== 1) return;
    this.#free.length = 0;
    Atomics.store(this.#words, usedWord, 0);
  }

  /** True when the version was acquired here and not released. */
  holds(version: number): boolean {
    return this.#open > 0 && this.#held.has(version);
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
