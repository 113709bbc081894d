/**
 * A list of fragments of one volume as plain words, for index files and for messages between
 * threads, which carry it without a copy. A row has 8 words of 32 bits, little-endian:
 *
 *   word  0 1   blob, low and high
 *   word  2     stripe
 *   word  3     number
 *   word  4     offset in the volume, in blocks of 4 KiB
 *   word  5     bytes of data
 *   word  6     digest
 *   word  7     zero
 */
import { assert } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentName } from './fragment.js';

export const listRowWords = 8;
export const listRowBytes = 4 * listRowWords;

/** A fragment in a volume. */
export interface ListedFragment extends FragmentName {
  /** Of its header, in the volume. */
  readonly offset: number;
  /** Of its data. */
  readonly bytes: number;
  readonly digest: number;
}

assert(
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1,
  'lists of fragments are words of a little-endian machine',
);

/** Grows while rows are pushed; `rows()` has exactly what was pushed. */
export class FragmentList {
  #words = new Uint32Array(64 * listRowWords);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(fragment: ListedFragment): void {
    const at = this.#length * listRowWords;
    if (at === this.#words.length) this.#grow();
    const words = this.#words;
    words[at] = fragment.blob >>> 0;
    words[at + 1] = Math.floor(fragment.blob / 2 ** 32);
    words[at + 2] = fragment.stripe;
    words[at + 3] = fragment.number;
    words[at + 4] = fragment.offset / limits.blockBytes;
    words[at + 5] = fragment.bytes;
    words[at + 6] = fragment.digest;
    this.#length++;
  }

  rows(): Uint32Array {
    return this.#words.slice(0, this.#length * listRowWords);
  }

  #grow(): void {
    const words = new Uint32Array(2 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
  }
}

export function listLength(rows: Uint32Array): number {
  return rows.length / listRowWords;
}

export function listedFragment(rows: Uint32Array, row: number): ListedFragment {
  const at = row * listRowWords;
  return {
    blob: (rows[at] as number) + (rows[at + 1] as number) * 2 ** 32,
    stripe: rows[at + 2] as number,
    number: rows[at + 3] as number,
    offset: (rows[at + 4] as number) * limits.blockBytes,
    bytes: rows[at + 5] as number,
    digest: rows[at + 6] as number,
  };
}
