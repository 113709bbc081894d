/**
 * What a kernel must get right before it is given any data: the vectors of RFC 3720 (B.4) and
 * lengths that enter every path of every tier, compared with the portable kernel. A wrong checksum
 * routine would call good data corrupt and, worse, corrupt data good.
 */
import type { Kernel } from './kernel.js';
import { portableKernel } from './portable.js';

/** Bytes, their CRC32C. Hexadecimal, lowest offset first. */
const vectors: readonly (readonly [string, number])[] = [
  ['00'.repeat(32), 0x8a9136aa],
  ['ff'.repeat(32), 0x62a8ab43],
  ['000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 0x46dd794e],
  ['313233343536373839', 0xe3069283],
];

/** Short, three streams, folding, folding mixed with streams; each with a remainder. */
const lengths: readonly number[] = [0, 1, 15, 16, 63, 191, 200, 255, 263, 1_031, 6_161, 8_221];
const bytesMax = 8_221;

/** Bytes without a pattern, from a multiplicative generator. */
function sample(): Uint8Array {
  const bytes = new Uint8Array(bytesMax + 1);
  let state = 0x2545f491;
  for (let i = 0; i < bytes.length; i++) {
    state = Math.imul(state, 0x41c64e6d) + 0x3039;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** Null when the kernel is right, otherwise what it got wrong, for people. */
export function selfTest(kernel: Pick<Kernel, 'crc32c' | 'crc32cRanges'>): string | null {
  for (const [text, expected] of vectors) {
    const bytes = Uint8Array.from(Buffer.from(text, 'hex'));
    const crc = kernel.crc32c(bytes, 0, bytes.length, 0);
    if (crc !== expected) return `CRC32C of ${text} is ${hex(expected)}, not ${hex(crc)}`;
  }
  const bytes = sample();
  const ranges = new Uint32Array(2 * lengths.length);
  const expected = new Uint32Array(lengths.length);
  for (const [i, length] of lengths.entries()) {
    ranges.set([1, length], 2 * i);
    expected[i] = portableKernel.crc32c(bytes, 1, length, 0);
    const crc = kernel.crc32c(bytes, 1, length, 0);
    if (crc !== expected[i]) return `CRC32C of ${length} bytes is wrong: ${hex(crc)}`;
  }
  const results = new Uint32Array(lengths.length);
  kernel.crc32cRanges(bytes, ranges, lengths.length, results);
  const wrong = results.findIndex((crc, i) => crc !== expected[i]);
  return wrong < 0 ? null : `CRC32C of range ${wrong} is wrong: ${hex(results[wrong] as number)}`;
}
