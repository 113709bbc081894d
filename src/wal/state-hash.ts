/**
 * A 64-bit hash of a set of entries that does not depend on their order, so that replicas, or a
 * snapshot and the state that it was read into, can be compared.
 *
 * hash = sum over all entries, modulo 2^64, of two 32-bit MurmurHash3 rounds (with different
 * constants) over (CRC of key, CRC of value, version low, version high, keyBytes, valueBytes).
 * It detects accidents, not forgers.
 */
const low = { seed: 0x9747b28c, first: 0xcc9e2d51, second: 0x1b873593 } as const;
const high = { seed: 0x3c6ef372, first: 0x239b961b, second: 0xab0e9789 } as const;

export class StateHash {
  #low = 0;
  #high = 0;

  /** Adds one entry, given the CRC32C (from seed 0) and the length of its key and its value. */
  add(
    keyCrc: number,
    keyBytes: number,
    valueCrc: number,
    valueBytes: number,
    version: number,
  ): void {
    const versionHigh = Math.floor(version / 2 ** 32);
    let a: number = low.seed;
    let b: number = high.seed;
    a = round(a, keyCrc, low.first, low.second);
    b = round(b, keyCrc, high.first, high.second);
    a = round(a, valueCrc, low.first, low.second);
    b = round(b, valueCrc, high.first, high.second);
    a = round(a, version, low.first, low.second);
    b = round(b, version, high.first, high.second);
    a = round(a, versionHigh, low.first, low.second);
    b = round(b, versionHigh, high.first, high.second);
    a = round(a, keyBytes, low.first, low.second);
    b = round(b, keyBytes, high.first, high.second);
    a = finish(round(a, valueBytes, low.first, low.second));
    b = finish(round(b, valueBytes, high.first, high.second));
    const sum = this.#low + a;
    this.#low = sum >>> 0;
    this.#high = (this.#high + b + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  }

  /** The hash of everything added so far; 0 for nothing. */
  get value(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }
}

function round(hash: number, word: number, first: number, second: number): number {
  let k = Math.imul(word, first);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, second);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
