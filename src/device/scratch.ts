/**
 * Memory that a thread uses again for one task after the other, aligned for O_DIRECT. Each such
 * memory reserves some 10 GiB of addresses until it is collected, so it is not made anew for
 * every task.
 */
import { alignedBytes } from '../io/index.js';

export class Scratch {
  #bytes: Uint8Array = new Uint8Array(0);

  /** What is taken is overwritten by whoever takes next. */
  take(length: number): Uint8Array {
    if (this.#bytes.length < length) {
      this.#bytes = alignedBytes(Math.max(length, 2 * this.#bytes.length));
    }
    return this.#bytes.subarray(0, length);
  }
}
