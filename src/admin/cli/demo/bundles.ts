/**
 * Values of several MiB, made by putting files behind each other as an archive does: most files of
 * a corpus are small, and what happens to large values is worth seeing.
 *
 * A small corpus gives few of them; the last ones then repeat what there was.
 */
import { MiB } from '../../../base/index.js';

/** Sizes that are taken in turns. */
const sizes = [1 * MiB, 2 * MiB, 4 * MiB, 8 * MiB] as const;
const bundlesMax = 16;
const bundlesMin = 4;

export class Bundles {
  #parts: Buffer[] = [];
  #bytes = 0;
  #last: Buffer | null = null;
  #made = 0;

  /** Takes in a file; returns a bundle when one is full, else null. */
  add(file: Buffer): Buffer | null {
    if (this.#made >= bundlesMax || file.length === 0) return null;
    this.#parts.push(file);
    this.#bytes += file.length;
    return this.#bytes < this.#size ? null : this.#make(Buffer.concat(this.#parts));
  }

  /** What is still missing at the end of the corpus; nothing of an empty one. */
  *rest(): Generator<Buffer> {
    const seed = this.#bytes > 0 ? Buffer.concat(this.#parts) : this.#last;
    if (seed === null) return;
    while (this.#made < bundlesMin) yield this.#make(Buffer.alloc(this.#size, seed));
  }

  get #size(): number {
    return sizes[this.#made % sizes.length] as number;
  }

  #make(bundle: Buffer): Buffer {
    this.#parts = [];
    this.#bytes = 0;
    this.#last = bundle;
    this.#made++;
    return bundle;
  }
}
