/** CRC32C from one table of 256: a kernel for tests that depends on no implementation. */
import { ThemisError } from '../../src/base/index.js';
import type { Kernel } from '../../src/kernel/index.js';

const table = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export const tableKernel: Kernel = {
  name: 'table',
  crc32c,
  crc32cRanges(bytes, ranges, count, results) {
    for (let i = 0; i < count; i++) {
      results[i] = crc32c(bytes, ranges[2 * i] as number, ranges[2 * i + 1] as number, 0);
    }
  },
};

function crc32c(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  if (offset < 0 || length < 0 || offset + length > bytes.length) {
    throw new ThemisError('THEMIS_KERNEL_ARGUMENT', 'The range lies outside the buffer.');
  }
  let crc = ~seed;
  for (let i = offset; i < offset + length; i++) {
    crc = (table[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
