/** The parts of a value that is in memory. */
import type { PartSource } from './blob-writer.js';

export class ValueSource implements PartSource {
  readonly #value: Uint8Array;
  readonly #partBytes: number;
  #at = 0;

  constructor(value: Uint8Array, partBytes: number) {
    this.#value = value;
    this.#partBytes = partBytes;
  }

  next(): Uint8Array | 'end' {
    if (this.#at >= this.#value.length) return 'end';
    const part = this.#value.subarray(this.#at, this.#at + this.#partBytes);
    this.#at += part.length;
    return part;
  }

  copied(): void {
    // The value stays as it is until the write is settled.
  }
}
