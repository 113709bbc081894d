/**
 * Whether looking for something that another thread will soon do is worth it. Looking takes a core;
 * sleeping costs a wake-up. After a look in vain the next one, then the next three, seven, ... are
 * left out; one that succeeds makes up for all.
 */
const missesMax = 6;

export class Patience {
  #misses = 0;
  #skip = 0;

  /** Whether to look this time. */
  tries(): boolean {
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  /** A look has ended. */
  tried(found: boolean): void {
    this.#misses = found ? 0 : Math.min(this.#misses + 1, missesMax);
    this.#skip = 2 ** this.#misses - 1;
  }
}
