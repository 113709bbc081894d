/**
 * The oracle: CRC32C bit by bit, as RFC 3720 defines it. To be read and to be compared against,
 * never to be fast.
 *
 * The bytes are a polynomial over GF(2), lowest bit of the first byte first. Its remainder modulo
 * x^32 + 0x1EDC6F41 is kept bit-reflected, hence the constant 0x82F63B78 and the shifts to the
 * right. The register starts and ends inverted; a CRC given as seed is inverted back first.
 */
import { checkPairs, checkRanges, isRange, refuseRange } from './arguments.js';
import type { Kernel } from './kernel.js';

function crc32c(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  if (!isRange(bytes, offset, length, seed)) refuseRange(bytes, offset, length, seed);
  let crc = ~seed;
  for (let i = 0; i < length; i++) {
    crc ^= bytes[offset + i] as number;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function crc32cRanges(
  bytes: Uint8Array,
  ranges: Uint32Array,
  count: number,
  results: Uint32Array,
): void {
  checkRanges(bytes, ranges, count, results);
  checkPairs(bytes, ranges, count);
  for (let i = 0; i < count; i++) {
    results[i] = crc32c(bytes, ranges[2 * i] as number, ranges[2 * i + 1] as number, 0);
  }
}

/** The naive kernel. */
export const naiveKernel: Kernel = Object.freeze({ name: 'naive', crc32c, crc32cRanges });
