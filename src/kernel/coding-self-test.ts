/**
 * What a coding kernel must get right before it is given any data: digests of parity that other
 * implementations computed too, losses, and each kind of call. A wrong coder would be found out
 * when data is lost, and not before.
 */
import { Coder } from './coder.js';
import type { CodingKernel } from './coding-kernel.js';
import { portableKernel } from './portable.js';
import { Slab } from './slab.js';

interface Known {
  readonly data: number;
  readonly parity: number;
  readonly matrix: 'vandermonde' | 'cauchy';
  /** Bytes in a shard. */
  readonly length: number;
  /** CRC32C of each parity shard, as klauspost/reedsolomon and ISA-L give it. */
  readonly parityCrcs: readonly number[];
}

/** The data are the low bytes of a xorshift32 stream: see fill. */
const known: readonly Known[] = [
  { data: 3, parity: 2, matrix: 'vandermonde', length: 7, parityCrcs: [0xbec6288b, 0xc93f2195] },
  { data: 4, parity: 2, matrix: 'vandermonde', length: 1000, parityCrcs: [0x1a362f5e, 0x0f988f2e] },
  {
    data: 29,
    parity: 5,
    matrix: 'cauchy',
    length: 333,
    parityCrcs: [0xa609e195, 0x2c3546cd, 0x958aa4b4, 0x5c67690a, 0xef6a8294],
  },
  {
    data: 17,
    parity: 3,
    matrix: 'vandermonde',
    length: 1048,
    parityCrcs: [0x3f77e413, 0x1375867d, 0xea2d876c],
  },
];

function fill(bytes: Uint8Array): void {
  let state = 0x9e3779b9;
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
}

/** Where the stripe lies: at an address that is no multiple of anything. */
const offset = 3;

/** A stripe whose data shards are filled, with room for one shard behind it. */
interface Stripe {
  readonly slab: Slab;
  readonly coder: Coder;
  readonly length: number;
  /** As it should be, data and parity. */
  readonly expected: Uint8Array;
}

function shardOf({ slab, length }: Stripe, shard: number): Uint8Array {
  const start = offset + shard * length;
  return slab.bytes.subarray(start, start + length);
}

function isRight(stripe: Stripe, shard: number): boolean {
  const { expected, length } = stripe;
  const right = expected.subarray(shard * length, (shard + 1) * length);
  return Buffer.compare(shardOf(stripe, shard), right) === 0;
}

/** Loses as many shards as there is parity, from `first` on; true when all come back. */
function recovers(stripe: Stripe, first: number): boolean {
  const { slab, coder, length } = stripe;
  const lost = Array.from({ length: coder.parity }, (_, i) => (first + i) % coder.shards);
  let wanted = 0n;
  for (const shard of lost) {
    shardOf(stripe, shard).fill(0xa5);
    wanted |= 1n << BigInt(shard);
  }
  const present = ((1n << BigInt(coder.shards)) - 1n) ^ wanted;
  coder.reconstruct(slab, offset, length, length, present, wanted, 'streaming');
  return lost.every((shard) => isRight(stripe, shard));
}

/** Changes a byte in the middle of a parity shard and asks where it is. */
function findsChange(stripe: Stripe): boolean {
  const { slab, coder, length } = stripe;
  const at = length >>> 1;
  const shard = shardOf(stripe, coder.shards - 1);
  if (coder.verify(slab, offset, length, length) !== -1) return false;
  shard[at] = (shard[at] as number) ^ 0x10;
  const found = coder.verify(slab, offset, length, length);
  shard[at] = (shard[at] as number) ^ 0x10;
  return found === at;
}

/** Replaces data shard 1 by zeros and back; true when the parity comes out as before. */
function updates(stripe: Stripe): boolean {
  const { slab, coder, length } = stripe;
  const [shard, old] = [shardOf(stripe, 1), shardOf(stripe, coder.shards)];
  const content = Uint8Array.from(shard);
  old.set(content);
  shard.fill(0);
  coder.update(slab, offset, length, length, 1);
  if (coder.verify(slab, offset, length, length) !== -1) return false;
  old.fill(0);
  shard.set(content);
  coder.update(slab, offset, length, length, 1);
  return isRight(stripe, coder.data);
}

/** What `entry` shows to be wrong, or null. */
function failureOf(kernel: CodingKernel, slab: Slab, entry: Known): string | null {
  const { data, parity, matrix, length, parityCrcs } = entry;
  const coder = new Coder({ data, parity, matrix }, kernel);
  try {
    const stripeBytes = slab.bytes.subarray(offset, offset + coder.shards * length);
    stripeBytes.fill(0xa5);
    fill(stripeBytes.subarray(0, data * length));
    const blocks = Math.ceil(length / 100);
    const results = new Uint32Array(coder.shards * blocks);
    coder.encode(slab, offset, length, length);
    const expected = Uint8Array.from(stripeBytes);
    const stripe: Stripe = { slab, coder, length, expected };
    for (const [i, crc] of parityCrcs.entries()) {
      const shard = shardOf(stripe, data + i);
      if (portableKernel.crc32c(shard, 0, length, 0) !== crc) return `parity ${i} is wrong`;
    }
    stripeBytes.fill(0xa5, data * length);
    coder.encodeWithChecksums(slab, offset, length, length, 100, results, 'streaming');
    if (Buffer.compare(stripeBytes, expected) !== 0) return 'parity with checksums is wrong';
    for (const [i, crc] of results.entries()) {
      const start = (i % blocks) * 100;
      const block = Math.min(100, length - start);
      const shard = shardOf(stripe, Math.floor(i / blocks));
      if (portableKernel.crc32c(shard, start, block, 0) !== crc) return `checksum ${i} is wrong`;
    }
    if (!recovers(stripe, 0)) return 'lost data comes back wrong';
    if (!recovers(stripe, data - 1)) return 'lost data and parity come back wrong';
    if (!findsChange(stripe)) return 'verification is wrong';
    return updates(stripe) ? null : 'an update is wrong';
  } finally {
    coder.close();
  }
}

/** Null when the kernel is right, otherwise what it got wrong, for people. */
export function codingSelfTest(kernel: CodingKernel): string | null {
  const bytes = known.map(({ data, parity, length }) => (data + parity + 1) * length);
  const slab = Slab.allocate(offset + Math.max(...bytes));
  try {
    for (const entry of known) {
      const failure = failureOf(kernel, slab, entry);
      if (failure !== null) return `${entry.data}+${entry.parity}: ${failure}`;
    }
    return null;
  } finally {
    slab.close();
  }
}
