/**
 * What every coding kernel promises, as a suite to be called once per tier, through Coder. The
 * oracle is naive-coding.ts; what it says is computed once for all tiers.
 */
import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/io/index.js';
import {
  Coder,
  type CodingKernel,
  naiveCoding,
  naiveKernel,
  Slab,
} from '../../src/kernel/index.js';
import { fillVector, reedSolomonVectors } from '../fixtures/reed-solomon-vectors.js';
import { testRefusals } from './coding-refusals.js';
import {
  closing,
  guard,
  lossesUpTo,
  maskOf,
  opening,
  type Sample,
  sampleStripe,
} from './coding-sample.js';
import type { Register } from './register.js';

function same(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assert.unreachable(`${what}: byte ${at} of the slab is ${actual[at]}, not ${expected[at]}`);
}

function others(shards: number, lost: readonly number[]): number[] {
  return Array.from({ length: shards }, (_, i) => i).filter((shard) => !lost.includes(shard));
}

/** Overwrites the lost shards, wants them back, and compares the whole slab. */
function loseAndRecover(sample: Sample, lost: readonly number[], what: string): void {
  const { slab, coder, offset, stride, length, expected } = sample;
  for (const shard of lost)
    slab.bytes.fill(0x3c, offset + shard * stride, offset + shard * stride + length);
  const present = maskOf(others(coder.shards, lost));
  coder.reconstruct(slab, offset, stride, length, present, maskOf(lost));
  same(slab.bytes, expected, `${what}, lost ${lost.join(' ')}`);
}

/** Remainders in both directions, full words and groups, and the ends of what there can be. */
const shapes: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 2],
  [2, 1],
  [3, 2],
  [4, 2],
  [5, 4],
  [6, 3],
  [7, 5],
  [8, 4],
  [10, 4],
  [11, 8],
  [17, 3],
  [21, 6],
  [33, 9],
  [255, 1],
  [1, 255],
  [130, 126],
];

function testEncode(test: Register, kernel: CodingKernel): void {
  const { name } = kernel;
  test(`${name}: parity is what klauspost and ISA-L compute`, () => {
    for (const vector of reedSolomonVectors) {
      const { data, parity, length, matrix } = vector;
      const coder = opening(new Coder({ data, parity, matrix }, kernel));
      const slab = opening(Slab.allocate((data + parity) * length));
      fillVector(slab.bytes.subarray(0, data * length));
      coder.encode(slab, 0, length, length);
      const written = slab.bytes.subarray(data * length);
      const what = `${data}+${parity}, ${length} bytes, ${matrix}`;
      assert.is(createHash('sha256').update(written).digest('hex'), vector.sha256, what);
      for (const [i, crc] of vector.crc32c.entries()) {
        assert.is(naiveKernel.crc32c(written, i * length, length, 0), crc, what);
      }
    }
  });

  test(`${name}: equals the oracle for lengths 0 to 600 at every alignment`, () => {
    const sample = sampleStripe(kernel, { data: 7, parity: 5, length: 663, stride: 711 });
    const { slab, coder, offset, stride, expected } = sample;
    const blank = Uint8Array.from(expected);
    const parity = [7, 8, 9, 10, 11].map((shard) => offset + shard * stride);
    for (const start of parity) blank.fill(guard, start, start + 663);
    const wanted = Uint8Array.from(blank);
    const step = name === naiveCoding.name ? 29 : 1;
    for (let length = 0; length <= 600; length += step) {
      for (let shift = 0; shift < 64; shift += step) {
        const stores = (length + shift) % 2 === 0 ? 'cached' : 'streaming';
        coder.encode(slab, offset + shift, stride, length, stores);
        for (const start of parity) {
          const from = start + shift;
          wanted.set(expected.subarray(from, from + length), from);
        }
        same(slab.bytes, wanted, `${length} bytes, shifted ${shift}, ${stores}`);
        for (const start of parity) {
          wanted.fill(guard, start, start + 663);
          slab.bytes.fill(guard, start, start + 663);
        }
      }
    }
  });

  test(`${name}: equals the oracle in every shape, with both matrices and kinds of stores`, () => {
    for (const [data, parity] of shapes) {
      for (const [matrix, length] of [['vandermonde', 77] as const, ['cauchy', 130] as const]) {
        const shape = { data, parity, matrix, length };
        const { slab, coder, offset, stride, expected } = sampleStripe(kernel, shape);
        const what = `${data}+${parity} ${matrix}`;
        for (const stores of ['cached', 'streaming'] as const) {
          coder.encode(slab, offset, stride, length, stores);
          same(slab.bytes, expected, `${what} ${stores}`);
          slab.bytes.fill(guard, offset + data * stride, offset + coder.shards * stride);
        }
      }
    }
  });

  test(`${name}: equals the oracle for long shards`, () => {
    const lengths = name === naiveCoding.name ? [4_097] : [4_095, 4_096, 16_400, 70_001];
    for (const length of lengths) {
      for (const [data, parity] of [
        [4, 2],
        [10, 4],
        [5, 6],
      ] as const) {
        const shape = { data, parity, length, stride: length + 64 };
        const { slab, coder, offset, stride, expected } = sampleStripe(kernel, shape);
        coder.encode(slab, offset, stride, length, 'streaming');
        same(slab.bytes, expected, `${data}+${parity}, ${length} bytes`);
        assert.is(coder.verify(slab, offset, stride, length), -1);
      }
    }
  });

  test(`${name}: encodeWithChecksums gives the parity and the CRC of each block`, () => {
    for (const [data, parity, length, block] of [
      [4, 2, 1_000, 256],
      [10, 4, 4_500, 4_096],
      [3, 1, 300, 300],
      [6, 3, 257, 1_000],
      [17, 3, 640, 64],
      [2, 5, 9, 1],
    ] as const) {
      const sample = sampleStripe(kernel, { data, parity, length, stride: length + 5 });
      const { slab, coder, offset, stride, expected } = sample;
      const blocks = Math.ceil(length / block);
      for (const stores of ['cached', 'streaming'] as const) {
        slab.bytes.fill(guard, offset + data * stride, offset + coder.shards * stride);
        const results = new Uint32Array(coder.shards * blocks + 1).fill(0xaaaaaaaa);
        coder.encodeWithChecksums(slab, offset, stride, length, block, results, stores);
        same(slab.bytes, expected, `${data}+${parity} ${stores}`);
        for (let i = 0; i < coder.shards * blocks; i++) {
          const from = (i % blocks) * block;
          const start = offset + Math.floor(i / blocks) * stride + from;
          const crc = naiveKernel.crc32c(slab.bytes, start, Math.min(block, length - from), 0);
          assert.is(results[i], crc, `${data}+${parity}: block ${i}`);
        }
        assert.is(results.at(-1), 0xaaaaaaaa);
      }
    }
  });
}

function testReconstruct(test: Register, kernel: CodingKernel): void {
  const { name } = kernel;
  const slow = name === naiveCoding.name;
  for (const [data, parity] of slow
    ? [[4, 2] as const]
    : ([
        [4, 2],
        [6, 3],
        [10, 4],
      ] as const)) {
    test(`${name}: ${data}+${parity} comes back from every loss of up to ${parity} shards`, () => {
      for (const matrix of ['vandermonde', 'cauchy'] as const) {
        const shape = { data, parity, matrix, length: slow ? 5 : 37 };
        const sample = sampleStripe(kernel, shape);
        sample.slab.bytes.set(sample.expected);
        let patterns = 0;
        for (const lost of lossesUpTo(parity, data + parity)) {
          loseAndRecover(sample, lost, matrix);
          patterns += 1;
        }
        assert.is(patterns, { 4: 21, 6: 129, 10: 1_470 }[data]);
      }
    });
  }

  test(`${name}: random shapes of up to 256 shards come back from random losses`, () => {
    const seed = process.hrtime.bigint();
    const random = seededRandom(seed).stream('losses');
    for (let round = 0; round < (slow ? 2 : 12); round++) {
      const shards = 2 + random.below(slow ? 30 : 255);
      const parity = 1 + random.below(shards - 1);
      const data = shards - parity;
      const length = random.below(150);
      const sample = sampleStripe(kernel, { data, parity, length });
      sample.slab.bytes.set(sample.expected);
      for (let i = 0; i < 3; i++) {
        const lost = new Set<number>();
        const count = 1 + random.below(parity);
        while (lost.size < count) lost.add(random.below(shards));
        loseAndRecover(sample, [...lost], `seed ${seed}: ${data}+${parity}, ${length} bytes`);
      }
    }
  });

  test(`${name}: reconstruct writes what is wanted and leaves the other lost shards alone`, () => {
    const sample = sampleStripe(kernel, { data: 6, parity: 3, length: 100, stride: 120 });
    const { slab, coder, offset, stride, length, expected } = sample;
    slab.bytes.set(expected);
    const wanted = Uint8Array.from(expected);
    for (const shard of [1, 4, 7]) {
      const start = offset + shard * stride;
      slab.bytes.fill(guard, start, start + length);
      if (shard !== 4) wanted.fill(guard, start, start + length);
    }
    const present = maskOf([0, 2, 3, 5, 6, 8]);
    coder.reconstruct(slab, offset, stride, length, present, maskOf([4]), 'streaming');
    same(slab.bytes, wanted, 'shard 4 alone');
    coder.reconstruct(slab, offset, stride, length, present, 0n);
    same(slab.bytes, wanted, 'nothing');
    coder.reconstruct(slab, offset, stride, length, present, maskOf([1, 7]));
    same(slab.bytes, expected, 'the rest');
  });
}

function testVerify(test: Register, kernel: CodingKernel): void {
  const { name } = kernel;
  test(`${name}: verify finds each flipped bit, says where, and writes nothing`, () => {
    const sample = sampleStripe(kernel, { data: 4, parity: 6, length: 203, stride: 210 });
    const { slab, coder, offset, stride, length, expected } = sample;
    slab.bytes.set(expected);
    assert.is(coder.verify(slab, offset, stride, length), -1);
    const step = name === naiveCoding.name ? 23 : 1;
    for (let shard = 0; shard < coder.shards; shard++) {
      for (let at = 0; at < length; at += step) {
        const position = offset + shard * stride + at;
        slab.bytes[position] = (slab.bytes[position] as number) ^ (1 << ((at + shard) % 8));
        const found = coder.verify(slab, offset, stride, length);
        if (found !== at) assert.unreachable(`shard ${shard}, byte ${at}: found ${found}`);
        slab.bytes[position] = expected[position] as number;
      }
    }
    same(slab.bytes, expected, 'after all');
  });

  test(`${name}: verify names the lowest of several differences, also in long shards`, () => {
    const length = name === naiveCoding.name ? 1_300 : 13_000;
    const sample = sampleStripe(kernel, { data: 3, parity: 6, length });
    const { slab, coder, offset, stride, expected } = sample;
    slab.bytes.set(expected);
    const places = [length - 1, length - 70, (length >> 1) + 1, 500, 17, 0];
    for (const [i, at] of places.entries()) {
      const position = offset + (8 - i) * stride + at;
      slab.bytes[position] = (slab.bytes[position] as number) ^ 0x80;
      assert.is(coder.verify(slab, offset, stride, length), at);
    }
    assert.is(coder.verify(slab, offset + 1, stride, length - 2), 16);
    assert.is(coder.verify(slab, offset, stride, 0), -1);
  });
}

function testUpdate(test: Register, kernel: CodingKernel): void {
  const { name } = kernel;
  test(`${name}: an update is as good as encoding anew`, () => {
    for (const [data, parity, length] of [
      [4, 2, 500],
      [10, 4, 77],
      [1, 1, 64],
      [9, 7, 4_200],
    ] as const) {
      const sample = sampleStripe(kernel, { data, parity, length, stride: length + 3 });
      const { slab, coder, offset, stride, expected } = sample;
      slab.bytes.set(expected);
      const shardOf = (shard: number): Uint8Array =>
        slab.bytes.subarray(offset + shard * stride, offset + shard * stride + length);
      for (let index = 0; index < data; index++) {
        shardOf(data + parity).set(shardOf(index));
        seededRandom(index).stream('new').fill(shardOf(index));
        coder.update(slab, offset, stride, length, index);
        const updated = Uint8Array.from(slab.bytes);
        coder.encode(slab, offset, stride, length);
        same(updated, slab.bytes, `${data}+${parity}: shard ${index}`);
      }
    }
  });

  test(`${name}: coding is linear: the parity of a sum is the sum of the parities`, () => {
    const one = sampleStripe(kernel, { data: 5, parity: 3, length: 90 });
    const { slab, coder, offset, stride, length } = one;
    coder.encode(slab, offset, stride, length);
    const first = Uint8Array.from(slab.bytes);
    const data = slab.bytes.subarray(offset, offset + 5 * stride);
    seededRandom(99).stream('other').fill(data);
    coder.encode(slab, offset, stride, length);
    const second = Uint8Array.from(slab.bytes);
    for (let i = offset; i < offset + 5 * stride; i++) {
      slab.bytes[i] = (first[i] as number) ^ (second[i] as number);
    }
    coder.encode(slab, offset, stride, length);
    for (let i = offset + 5 * stride; i < offset + 8 * stride; i++) {
      assert.is(slab.bytes[i], (first[i] as number) ^ (second[i] as number));
    }
  });
}

export function codingContract(register: Register, kernel: CodingKernel): void {
  const test = closing(register);
  testEncode(test, kernel);
  testReconstruct(test, kernel);
  testVerify(test, kernel);
  testUpdate(test, kernel);
  testRefusals(test, kernel);
}
