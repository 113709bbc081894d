/** aws-crt: CRC32C in C with the CPU's instructions, for the micro-benchmarks of the kernel. */
import { createRequire } from 'node:module';
import { checksums } from 'aws-crt';

export const name = 'aws-crt';
export const version = createRequire(import.meta.url)('aws-crt/package.json').version;

/** CRC32C of all of `bytes`, continuing from `seed` (0 to start). */
export function crc32c(bytes, seed) {
  return checksums.crc32c(bytes, seed);
}
