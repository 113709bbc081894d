/**
 * A hash of what a workload read, so that nothing can be optimised away and contestants that
 * claim the same work can be seen to have done it. The sum does not depend on the order in which
 * concurrent replies arrive.
 */
import { mix32 } from './random.js';

export class Digest {
  #sum = 0;
  #items = 0;

  get items(): number {
    return this.#items;
  }

  /** Adds one item: what was asked for and what came back. */
  add(key: number, result: number): void {
    this.#sum = (this.#sum + mix32(mix32(key) ^ result)) >>> 0;
    this.#items += 1;
  }

  hex(): string {
    return this.#items === 0 ? '-' : this.#sum.toString(16).padStart(8, '0');
  }
}
