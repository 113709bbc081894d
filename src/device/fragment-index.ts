/**
 * Where every fragment lies: in memory, made from the devices' indexes and scans. 40 bytes each,
 * outside V8's heap: an entry of 9 words in one array, and a bucket for each entry there is room
 * for.
 *
 *   word 0    next entry of the bucket (or of the free list), plus 1; 0 ends it
 *        1 2  blob, low and high; high is 2^32 - 1 in a free entry
 *        3    stripe
 *        4    number (8 bits), device (24 bits)
 *        5    volume
 *        6    offset, in blocks of 4 KiB
 *        7    bytes of data
 *        8    digest
 *
 * A fragment may lie in several places: a repair or a compaction that a crash interrupted, a device
 * that came back. All are kept, and whoever asks says which devices it prefers.
 */
import { assert, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentName } from './fragment.js';
import { listRowWords } from './fragment-list.js';

const entryWords = 9;
const free = 0xffff_ffff;
/** Above every entry; times a volume's blocks it stays a safe integer up to 256 GiB. */
const entryLimit = 2 * limits.fragmentsMax;

/** Where a fragment's header lies. */
export interface FragmentSpot {
  readonly device: number;
  readonly volume: number;
  /** In the volume. */
  readonly offset: number;
}

export interface IndexedFragment extends FragmentSpot {
  /** Of data. */
  readonly bytes: number;
  readonly digest: number;
}

/** Lower is better; null for devices that must not be looked at. */
export type DevicePreference = (device: number) => number | null;

export class FragmentIndex {
  #words: Uint32Array;
  #buckets: Uint32Array;
  /** Entries in use or in the free list. */
  #top = 0;
  #freeHead = 0;
  #size = 0;

  constructor(capacity: number = limits.fragmentsMin) {
    assert(Number.isInteger(Math.log2(capacity)), 'the capacity is a power of two');
    this.#words = new Uint32Array(capacity * entryWords);
    this.#buckets = new Uint32Array(capacity);
  }

  /** Places of fragments. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that it takes. */
  get memoryBytes(): number {
    return this.#words.byteLength + this.#buckets.byteLength;
  }

  /**
   * Adds a place. Returns how many other places the fragment has on the same device, or -1 when
   * this very place was there already. Throws THEMIS_OVERLOADED beyond fragmentsMax.
   */
  add(name: FragmentName, found: IndexedFragment): number {
    let others = 0;
    for (let entry = this.#first(name); entry !== 0; entry = this.#word(entry, 0)) {
      if (!this.#isNamed(entry, name) || this.#deviceOf(entry) !== found.device) continue;
      if (this.#isAt(entry, found)) return -1;
      others++;
    }
    const entry = this.#take();
    const at = (entry - 1) * entryWords;
    const words = this.#words;
    const bucket = this.#bucketOf(name);
    words[at] = this.#buckets[bucket] as number;
    words[at + 1] = name.blob >>> 0;
    words[at + 2] = Math.floor(name.blob / 2 ** 32);
    words[at + 3] = name.stripe;
    words[at + 4] = name.number | (found.device << 8);
    words[at + 5] = found.volume;
    words[at + 6] = found.offset / limits.blockBytes;
    words[at + 7] = found.bytes;
    words[at + 8] = found.digest;
    this.#buckets[bucket] = entry;
    this.#size++;
    return others;
  }

  /** The place on the device that is preferred most, or null. */
  find(name: FragmentName, preference: DevicePreference): IndexedFragment | null {
    let best = 0;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let entry = this.#first(name); entry !== 0; entry = this.#word(entry, 0)) {
      if (!this.#isNamed(entry, name)) continue;
      const rank = preference(this.#deviceOf(entry));
      if (rank === null || rank >= bestRank) continue;
      best = entry;
      bestRank = rank;
    }
    return best === 0 ? null : this.#fragmentAt(best);
  }

  /** All places, the newest first. */
  places(name: FragmentName): IndexedFragment[] {
    const found: IndexedFragment[] = [];
    for (let entry = this.#first(name); entry !== 0; entry = this.#word(entry, 0)) {
      if (this.#isNamed(entry, name)) found.push(this.#fragmentAt(entry));
    }
    return found;
  }

  /** Removes one place; returns what was there, or null. */
  remove(name: FragmentName, spot: FragmentSpot): IndexedFragment | null {
    const bucket = this.#bucketOf(name);
    let before = 0;
    for (let entry = this.#buckets[bucket] as number; entry !== 0; ) {
      const next = this.#word(entry, 0);
      if (this.#isNamed(entry, name) && this.#isAt(entry, spot)) {
        const removed = this.#fragmentAt(entry);
        if (before === 0) this.#buckets[bucket] = next;
        else this.#words[(before - 1) * entryWords] = next;
        this.#release(entry);
        return removed;
      }
      before = entry;
      entry = next;
    }
    return null;
  }

  /** The fragments of a volume, by offset. Every entry is looked at: 3 ms a million. */
  rowsOf(device: number, volume: number): Uint32Array {
    // One number for an entry and its offset, which sorts without a callback.
    const keys: number[] = [];
    for (let entry = 1; entry <= this.#top; entry++) {
      if (this.#word(entry, 5) !== volume || this.#isFree(entry)) continue;
      if (this.#deviceOf(entry) === device) keys.push(this.#word(entry, 6) * entryLimit + entry);
    }
    const sorted = Float64Array.from(keys).sort();
    const rows = new Uint32Array(sorted.length * listRowWords);
    for (const [row, key] of sorted.entries()) {
      const at = ((key % entryLimit) - 1) * entryWords;
      const to = row * listRowWords;
      for (let word = 0; word < 3; word++) rows[to + word] = this.#words[at + 1 + word] as number;
      rows[to + 3] = (this.#words[at + 4] as number) & 0xff;
      for (let word = 4; word < 7; word++) rows[to + word] = this.#words[at + 2 + word] as number;
    }
    return rows;
  }

  /** Forgets everything on a device; every entry is looked at. */
  removeDevice(device: number): void {
    for (let entry = 1; entry <= this.#top; entry++) {
      if (this.#isFree(entry) || this.#deviceOf(entry) !== device) continue;
      this.remove(this.#nameAt(entry), this.#fragmentAt(entry));
    }
  }

  /** The highest blob, 0 when there is none; every entry is looked at. */
  blobMax(): number {
    let max = 0;
    for (let entry = 1; entry <= this.#top; entry++) {
      if (!this.#isFree(entry)) max = Math.max(max, this.#nameAt(entry).blob);
    }
    return max;
  }

  /**
   * Calls `visit` with the places in `count` entries from `cursor` on (0 to start), and returns the
   * next cursor, null at the end. Places that are there all the while are visited once; `visit` may
   * remove any place.
   */
  visit(
    cursor: number,
    count: number,
    visit: (name: FragmentName, fragment: IndexedFragment) => void,
  ): number | null {
    const end = Math.min(this.#top, cursor + count);
    for (let entry = cursor + 1; entry <= end; entry++) {
      if (!this.#isFree(entry)) visit(this.#nameAt(entry), this.#fragmentAt(entry));
    }
    return end >= this.#top ? null : end;
  }

  #first(name: FragmentName): number {
    return this.#buckets[this.#bucketOf(name)] as number;
  }

  #bucketOf({ blob, stripe, number }: FragmentName): number {
    let hash =
      Math.imul(blob >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(blob / 2 ** 32), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ stripe, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ number, 0x27d4eb2f);
    return ((hash ^ (hash >>> 16)) >>> 0) & (this.#buckets.length - 1);
  }

  #word(entry: number, word: number): number {
    return this.#words[(entry - 1) * entryWords + word] as number;
  }

  #isFree(entry: number): boolean {
    return this.#word(entry, 2) === free;
  }

  #deviceOf(entry: number): number {
    return this.#word(entry, 4) >>> 8;
  }

  #isNamed(entry: number, { blob, stripe, number }: FragmentName): boolean {
    return (
      this.#word(entry, 1) === blob >>> 0 &&
      this.#word(entry, 3) === stripe &&
      (this.#word(entry, 4) & 0xff) === number &&
      this.#word(entry, 2) === Math.floor(blob / 2 ** 32)
    );
  }

  #isAt(entry: number, { device, volume, offset }: FragmentSpot): boolean {
    return (
      this.#deviceOf(entry) === device &&
      this.#word(entry, 5) === volume &&
      this.#word(entry, 6) === offset / limits.blockBytes
    );
  }

  #nameAt(entry: number): FragmentName {
    return {
      blob: this.#word(entry, 1) + this.#word(entry, 2) * 2 ** 32,
      stripe: this.#word(entry, 3),
      number: this.#word(entry, 4) & 0xff,
    };
  }

  #fragmentAt(entry: number): IndexedFragment {
    return {
      device: this.#deviceOf(entry),
      volume: this.#word(entry, 5),
      offset: this.#word(entry, 6) * limits.blockBytes,
      bytes: this.#word(entry, 7),
      digest: this.#word(entry, 8),
    };
  }

  #take(): number {
    if (this.#freeHead !== 0) {
      const entry = this.#freeHead;
      this.#freeHead = this.#word(entry, 0);
      return entry;
    }
    if (this.#top === this.#buckets.length) this.#grow();
    this.#top++;
    return this.#top;
  }

  #release(entry: number): void {
    const at = (entry - 1) * entryWords;
    this.#words[at] = this.#freeHead;
    this.#words[at + 2] = free;
    this.#freeHead = entry;
    this.#size--;
  }

  #grow(): void {
    const capacity = 2 * this.#buckets.length;
    if (capacity > limits.fragmentsMax) {
      const message = `There are ${limits.fragmentsMax} fragments; delete values before new ones.`;
      throw new ThemisError('THEMIS_OVERLOADED', message);
    }
    const words = new Uint32Array(capacity * entryWords);
    words.set(this.#words);
    this.#words = words;
    this.#buckets = new Uint32Array(capacity);
    // Full, so that no entry is free.
    for (let entry = this.#top; entry >= 1; entry--) {
      const bucket = this.#bucketOf(this.#nameAt(entry));
      words[(entry - 1) * entryWords] = this.#buckets[bucket] as number;
      this.#buckets[bucket] = entry;
    }
  }
}
