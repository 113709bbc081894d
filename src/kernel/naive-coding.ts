/**
 * The oracle of coding: one byte at a time, multiplied bit by bit as the definition of the field
 * has it. To be read and to be compared against, never to be fast.
 */
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import { naiveKernel } from './naive.js';
import { shardChecksums } from './shard-checksums.js';

/** a x b modulo x^8 + x^4 + x^3 + x^2 + 1: b's bits, highest first, by Horner's rule. */
function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = 7; bit >= 0; bit--) {
    sum = (sum << 1) ^ (sum & 0x80 ? 0x11d : 0);
    if ((b >>> bit) & 1) sum ^= a;
  }
  return sum;
}

function prepare({ coefficients, sources, targets }: ShardProduct): PreparedProduct {
  /** Byte `at` of target i as it should be, where shard j starts at offset + j x stride. */
  function expected(bytes: Uint8Array, i: number, at: number, stride: number): number {
    let sum = 0;
    for (const [j, source] of sources.entries()) {
      const coefficient = coefficients[i * sources.length + j] as number;
      sum ^= product(coefficient, bytes[at + source * stride] as number);
    }
    return sum;
  }

  const prepared: PreparedProduct = {
    multiply({ bytes }, offset, stride, length) {
      for (const [i, target] of targets.entries()) {
        for (let at = offset; at < offset + length; at++) {
          bytes[at + target * stride] = expected(bytes, i, at, stride);
        }
      }
    },
    multiplyChecksums(slab, offset, stride, length, streaming, block, results) {
      prepared.multiply(slab, offset, stride, length, streaming);
      const shards = [...sources, ...targets];
      shardChecksums(naiveKernel, slab, shards, { offset, stride, length, block }, results);
    },
    multiplyAdd({ bytes }, offset, stride, length) {
      for (const [i, target] of targets.entries()) {
        for (let at = offset; at < offset + length; at++) {
          const to = at + target * stride;
          bytes[to] = (bytes[to] as number) ^ expected(bytes, i, at, stride);
        }
      }
    },
    verify({ bytes }, offset, stride, length) {
      for (let at = offset; at < offset + length; at++) {
        for (const [i, target] of targets.entries()) {
          if (bytes[at + target * stride] !== expected(bytes, i, at, stride)) return at - offset;
        }
      }
      return -1;
    },
    close() {
      // Nothing was prepared.
    },
  };
  return prepared;
}

/** The naive coding kernel. */
export const naiveCoding: CodingKernel = Object.freeze({ name: 'naive', prepare });
