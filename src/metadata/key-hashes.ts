/**
 * A multiset of 32-bit hashes in typed arrays: whether a key may be in it, and how often its hash
 * was added. Open addressing with linear probing (Knuth, TAOCP 6.4); a hash whose count fell to
 * zero keeps its slot until the table is laid out anew.
 */
import { assert } from '../base/index.js';

const slotsMin = 1024;

export class KeyHashes {
  #hashes = new Uint32Array(slotsMin);
  #counts = new Uint32Array(slotsMin);
  /** Slots that were ever taken: a count of zero under a taken slot ends no search. */
  #taken = new Uint8Array(slotsMin);
  #used = 0;
  #size = 0;

  /** Hashes that were added and not removed, each as often as it was added. */
  get size(): number {
    return this.#size;
  }

  has(hash: number): boolean {
    return (this.#counts[this.#slotOf(hash)] as number) > 0;
  }

  add(hash: number): void {
    if (this.#used * 4 >= this.#taken.length * 3) this.#layOut();
    const slot = this.#slotOf(hash);
    if (this.#taken[slot] === 0) {
      this.#taken[slot] = 1;
      this.#hashes[slot] = hash;
      this.#used++;
    }
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    this.#size++;
  }

  remove(hash: number): void {
    const slot = this.#slotOf(hash);
    const count = this.#counts[slot] as number;
    assert(count > 0, 'a hash that is removed was added');
    this.#counts[slot] = count - 1;
    this.#size--;
  }

  /** The slot of this hash, or the free one where it would go. */
  #slotOf(hash: number): number {
    const mask = this.#taken.length - 1;
    let slot = (Math.imul(hash, 0x9e3779b1) >>> 0) & mask;
    while (this.#taken[slot] === 1 && this.#hashes[slot] !== hash >>> 0) slot = (slot + 1) & mask;
    return slot;
  }

  /** Lays the table out anew, without hashes whose count is zero. */
  #layOut(): void {
    const hashes = this.#hashes;
    const counts = this.#counts;
    let living = 0;
    for (let i = 0; i < counts.length; i++) if ((counts[i] as number) > 0) living++;
    let slots = slotsMin;
    while (slots < living * 2) slots *= 2;
    this.#hashes = new Uint32Array(slots);
    this.#counts = new Uint32Array(slots);
    this.#taken = new Uint8Array(slots);
    this.#used = living;
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i] as number;
      if (count === 0) continue;
      const slot = this.#slotOf(hashes[i] as number);
      this.#taken[slot] = 1;
      this.#hashes[slot] = hashes[i] as number;
      this.#counts[slot] = count;
    }
  }
}
