/**
 * The request distributions of YCSB, number for number: Gray et al., "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994), with constant 0.99, and its scrambled and
 * latest forms. Item 0 is the most popular.
 */
import { assert } from '../../src/base/index.js';
import type { RandomSource } from './random.js';

export const zipfianConstant = 0.99;
/** YCSB scrambles over this many items, whatever the number of records. */
const scrambledItems = 10_000_000_000;
/** zeta(scrambledItems, 0.99), which takes minutes to sum; the constant stands in YCSB's source. */
const scrambledZeta = 26.46902820178302;
/** (2^32 mod n) * n must stay exact in a double. */
const itemsMax = 90_000_000;

/** Items in [0, items), item i with probability 1 / (i + 1)^theta / zeta(items, theta). */
export class Zipfian {
  readonly #theta: number;
  readonly #alpha: number;
  readonly #zetaTwo: number;
  #items: number;
  #zeta: number;
  #eta: number;

  constructor(items: number, theta = zipfianConstant, zeta = zetaOf(0, items, theta, 0)) {
    assert(items >= 1, 'a zipfian distribution has at least one item');
    this.#theta = theta;
    this.#alpha = 1 / (1 - theta);
    this.#zetaTwo = zetaOf(0, 2, theta, 0);
    this.#items = items;
    this.#zeta = zeta;
    this.#eta = this.#etaNow();
  }

  next(random: RandomSource): number {
    const u = random.float();
    const uz = u * this.#zeta;
    if (uz < 1) return 0;
    if (uz < 1 + 0.5 ** this.#theta) return Math.min(1, this.#items - 1);
    const item = Math.floor(this.#items * (this.#eta * u - this.#eta + 1) ** this.#alpha);
    return item < this.#items ? item : this.#items - 1;
  }

  /** Adds items at the unpopular end; the sum is continued, not computed again. */
  grow(items: number): void {
    if (items <= this.#items) return;
    this.#zeta = zetaOf(this.#items, items, this.#theta, this.#zeta);
    this.#items = items;
    this.#eta = this.#etaNow();
  }

  #etaNow(): number {
    return (1 - (2 / this.#items) ** (1 - this.#theta)) / (1 - this.#zetaTwo / this.#zeta);
  }
}

/** Popular items spread over the whole key space: FNV of a zipfian item, modulo the records. */
export class ScrambledZipfian {
  readonly #items: number;
  readonly #zipfian = new Zipfian(scrambledItems, zipfianConstant, scrambledZeta);

  constructor(items: number) {
    assert(items >= 1 && items <= itemsMax, `between 1 and ${itemsMax} records`);
    this.#items = items;
  }

  next(random: RandomSource): number {
    return fnv64Modulo(this.#zipfian.next(random), this.#items);
  }
}

/** The newest items are the most popular (workload d). */
export class LatestZipfian {
  readonly #zipfian: Zipfian;

  constructor(items: number) {
    this.#zipfian = new Zipfian(items);
  }

  next(random: RandomSource, items: number): number {
    this.#zipfian.grow(items);
    return items - 1 - Math.min(items - 1, this.#zipfian.next(random));
  }
}

function zetaOf(from: number, to: number, theta: number, start: number): number {
  let sum = start;
  for (let i = from; i < to; i++) sum += 1 / (i + 1) ** theta;
  return sum;
}

const scratch = { high: 0, low: 0 };

/** FNV-1 as YCSB computes it over the eight octets of a long, low octet first; in 32-bit halves. */
function fnv64(value: number): { high: number; low: number } {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  let restLow = value >>> 0;
  let restHigh = Math.floor(value / 2 ** 32) >>> 0;
  for (let octet = 0; octet < 8; octet++) {
    low = (low ^ (restLow & 0xff)) >>> 0;
    restLow = ((restLow >>> 8) | (restHigh << 24)) >>> 0;
    restHigh >>>= 8;
    // Times 2^40 + 435, the 64-bit FNV prime.
    const product = low * 435;
    high = (high * 435 + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  if (high >>> 31 === 1) {
    // Math.abs of a negative long.
    low = (~low + 1) >>> 0;
    high = (low === 0 ? ~high + 1 : ~high) >>> 0;
  }
  scratch.high = high;
  scratch.low = low;
  return scratch;
}

/** |FNV64(value)| mod items. */
export function fnv64Modulo(value: number, items: number): number {
  const hash = fnv64(value);
  return ((hash.high % items) * (2 ** 32 % items) + (hash.low % items)) % items;
}

/** |FNV64(value)| as 19 decimal digits or fewer: the number in YCSB's `user...` keys. */
export function fnv64Decimal(value: number): string {
  const hash = fnv64(value);
  return ((BigInt(hash.high) << 32n) | BigInt(hash.low)).toString();
}
