/**
 * Keys and values from a seed. Keys are 16 decimal digits, as db_bench's. A value starts with a
 * stamp, so that no two writes of one key write the same bytes (SQLite skips a write that changes
 * nothing) and every read can be checked:
 *
 *   | key number u32 | version u32 | half random, half repeating bytes |
 *
 * The half that repeats is what db_bench writes (compression ratio 0.5): LevelDB compresses.
 */
import { assert } from '../../src/base/index.js';
import { createRandomSource } from '../harness/index.js';

export const keyBytes = 16;
export const valueBytesMin = 8;
const poolBytes = 1 << 20;
/** db_bench makes pieces of 100 bytes: half random, then the same again. */
const pieceBytes = 100;

/** `number` as 16 decimal digits. */
export function keyOf(number: number): Uint8Array {
  const key = Buffer.allocUnsafe(keyBytes);
  let rest = number;
  for (let i = keyBytes - 1; i >= 0; i--) {
    const next = Math.floor(rest / 10);
    key[i] = 48 + (rest - next * 10);
    rest = next;
  }
  return key;
}

let lastPool: { readonly seed: number; readonly bytes: Uint8Array } | null = null;

/** Bytes that values are cut from; the last ones are kept, because they take a while to make. */
function poolOf(seed: number): Uint8Array {
  if (lastPool?.seed === seed) return lastPool.bytes;
  const bytes = new Uint8Array(poolBytes);
  const random = createRandomSource(seed, 'values');
  for (let i = 0; i < poolBytes; i++) {
    const repeats = i % pieceBytes >= pieceBytes / 2;
    bytes[i] = repeats ? (bytes[i - pieceBytes / 2] as number) : random.u32() & 0xff;
  }
  lastPool = { seed, bytes };
  return bytes;
}

export class ValueSource {
  readonly #pool: Uint8Array;
  readonly #bytes: number;
  #at = 0;

  constructor(seed: number, bytes: number) {
    assert(bytes >= valueBytesMin && bytes < poolBytes, 'values have 8 bytes to 1 MiB');
    this.#bytes = bytes;
    this.#pool = poolOf(seed);
  }

  /** A new value; the engine may keep it. */
  next(key: number, version: number): Uint8Array {
    if (this.#at + this.#bytes > poolBytes) this.#at = this.#at % 97;
    const value = Buffer.allocUnsafe(this.#bytes);
    // Half the cost of Buffer.copy for values of this size.
    value.set(new Uint8Array(this.#pool.buffer, this.#pool.byteOffset + this.#at, this.#bytes));
    this.#at += this.#bytes;
    for (let i = 0; i < 4; i++) {
      value[i] = key >>> (8 * i);
      value[4 + i] = version >>> (8 * i);
    }
    return value;
  }
}

/** The key number in a value's stamp, or -1 where there is no value. */
export function stampedKey(value: Uint8Array | undefined): number {
  if (value === undefined || value.length < valueBytesMin) return -1;
  const low = (value[0] as number) | ((value[1] as number) << 8);
  return (low | ((value[2] as number) << 16) | ((value[3] as number) << 24)) >>> 0;
}

/** A bijection of [0, size): all key numbers once, in an order that looks random. */
export class Shuffle {
  readonly #size: number;
  readonly #mask: number;
  readonly #half: number;
  readonly #salt: number;

  constructor(size: number, seed: number) {
    assert(size >= 1 && size <= 2 ** 31, 'a shuffle has 1 to 2^31 items');
    const bits = Math.max(2, 32 - Math.clz32(size - 1));
    this.#size = size;
    this.#mask = bits === 32 ? 0xffffffff : 2 ** bits - 1;
    this.#half = bits >> 1;
    this.#salt = createRandomSource(seed, 'shuffle').u32();
  }

  /** Multiplying by odd numbers and xoring with own high bits permute [0, 2^bits). */
  at(index: number): number {
    let x = index;
    do {
      x = ((x + this.#salt) & this.#mask) >>> 0;
      x = (Math.imul(x, 0x9e3779b1) & this.#mask) >>> 0;
      x ^= x >>> this.#half;
      x = (Math.imul(x, 0x85ebca6b) & this.#mask) >>> 0;
      x ^= x >>> this.#half;
    } while (x >= this.#size);
    return x;
  }
}
