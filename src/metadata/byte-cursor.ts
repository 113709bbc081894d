/** Reads LevelDB's variable-length integers from bytes in memory. */

/**
 * A position in bytes. A read that runs over the end, or a number that is too long, makes the
 * cursor `bad` and gives zeros from then on, so that callers check once.
 */
export class ByteCursor {
  readonly bytes: Uint8Array;
  #at: number;
  #bad = false;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get bad(): boolean {
    return this.#bad;
  }

  get ended(): boolean {
    return this.#bad || this.#at >= this.bytes.length;
  }

  /**
   * Seven bits a byte, low ones first, the high bit set on all but the last; up to 64 bits. Only
   * the shortest form is one: a flipped high bit before a zero would give the same number.
   */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[this.#at + i];
      if (byte === undefined) break;
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) {
        if (byte === 0 && i > 0) break;
        this.#at += i + 1;
        return value;
      }
    }
    this.#bad = true;
    return 0;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (this.#bad || this.#at + length > this.bytes.length) {
      this.#bad = true;
      return new Uint8Array(0);
    }
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }
}
