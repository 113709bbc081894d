/** Stripes for the coding contract: data without a pattern, and the parity that the oracle gives. */
import { seededRandom } from '../../src/io/index.js';
import { Coder, type CodingKernel, naiveCoding, Slab } from '../../src/kernel/index.js';
import type { Register } from './register.js';

export const guard = 0xa5;

/** A slab with one stripe of data without a pattern, and guards wherever there is none. */
export interface Sample {
  readonly slab: Slab;
  readonly coder: Coder;
  readonly offset: number;
  readonly stride: number;
  readonly length: number;
  /** The slab with the right parity in it. */
  readonly expected: Uint8Array;
}

export interface SampleShape {
  readonly data: number;
  readonly parity: number;
  readonly matrix?: 'vandermonde' | 'cauchy';
  readonly length: number;
  readonly stride?: number;
  readonly offset?: number;
}

/** Bit i for each shard i of the list. */
export function maskOf(shards: readonly number[]): bigint {
  return shards.reduce((mask, shard) => mask | (1n << BigInt(shard)), 0n);
}

/** What the running test opened. */
const opened: { close(): void }[] = [];

export function opening<T extends { close(): void }>(thing: T): T {
  opened.push(thing);
  return thing;
}

/** Registers tests that leave no coder and no slab open. */
export function closing(test: Register): Register {
  return (name, body) =>
    test(name, async () => {
      try {
        await body();
      } finally {
        for (const thing of opened.splice(0)) thing.close();
      }
    });
}

const oracles = new Map<string, Uint8Array>();

/** A stripe, with room for a shard behind it; `expected` is what the oracle makes of it. */
export function sampleStripe(kernel: CodingKernel, shape: SampleShape): Sample {
  const { data, parity, matrix = 'vandermonde', length, offset = 70 } = shape;
  const stride = shape.stride ?? length;
  const coder = opening(new Coder({ data, parity, matrix }, kernel));
  const slab = opening(Slab.allocate(offset + (data + parity + 1) * stride + 70));
  slab.bytes.fill(guard);
  for (let shard = 0; shard < data; shard++) {
    const start = offset + shard * stride;
    const bytes = slab.bytes.subarray(start, start + length);
    seededRandom(shard + 1)
      .stream('data')
      .fill(bytes);
  }
  const key = JSON.stringify([data, parity, matrix, length, stride, offset]);
  let expected = oracles.get(key);
  if (expected === undefined) {
    const given = Uint8Array.from(slab.bytes);
    const oracle = opening(new Coder({ data, parity, matrix }, naiveCoding));
    oracle.encode(slab, offset, stride, length);
    expected = Uint8Array.from(slab.bytes);
    slab.bytes.set(given);
    oracles.set(key, expected);
  }
  return { slab, coder, offset, stride, length, expected };
}

/** Every way to lose 1 to `max` of `shards`. */
export function* lossesUpTo(max: number, shards: number, from = 0): Generator<number[]> {
  for (let shard = from; shard < shards; shard++) {
    yield [shard];
    if (max > 1) for (const rest of lossesUpTo(max - 1, shards, shard + 1)) yield [shard, ...rest];
  }
}
