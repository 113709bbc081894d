/**
 * Named streams of pseudo-random numbers from one 64-bit seed.
 *
 *   name --FNV-1a 64--> xor seed --SplitMix64 twice--> 128 bits --> sfc32, 16 rounds discarded
 *
 * sfc32 (Chris Doty-Humphrey, PractRand) has 128 bits of state, one 32-bit counter among them,
 * so its period is at least 2^32, and no operation leaves 32-bit integers. Not for secrets.
 */
import { assert } from '../base/index.js';
import type { Random, RandomStream } from './random.js';

const mask64 = (1n << 64n) - 1n;
const warmUpRounds = 16;

/** Streams decided by a seed: `stream(name)` starts at the same numbers at every call. */
export function seededRandom(seed: bigint | number): Random {
  const seed64 = BigInt(seed) & mask64;
  return {
    stream(name) {
      const first = splitMix64(fnv1a64(name) ^ seed64);
      return new Sfc32Stream(first.value, splitMix64(first.state).value);
    },
  };
}

function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & mask64;
  }
  return hash;
}

/** One step of SplitMix64 (Steele, Lea, Flood 2014): the next state, and a mixed value of it. */
export function splitMix64(state: bigint): { readonly state: bigint; readonly value: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & mask64;
  let z = next;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask64;
  return { state: next, value: z ^ (z >> 31n) };
}

class Sfc32Stream implements RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(low: bigint, high: bigint) {
    this.#a = Number(low & 0xffffffffn) | 0;
    this.#b = Number(low >> 32n) | 0;
    this.#c = Number(high & 0xffffffffn) | 0;
    this.#counter = Number(high >> 32n) | 0;
    for (let i = 0; i < warmUpRounds; i++) this.u32();
  }

  u32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  float(): number {
    const high = this.u32() >>> 5;
    const low = this.u32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  below(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32, 'bound is in [1, 2^32]');
    // Values above the last whole multiple of bound would favour small results: draw again.
    const end = 2 ** 32 - (2 ** 32 % bound);
    let drawn = this.u32();
    while (drawn >= end) drawn = this.u32();
    return drawn % bound;
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; ) {
      let word = this.u32();
      const end = Math.min(i + 4, bytes.length);
      for (; i < end; i++) {
        bytes[i] = word & 0xff;
        word >>>= 8;
      }
    }
  }
}
