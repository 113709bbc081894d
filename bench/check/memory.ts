/** Speed of copying memory and of the checksum kernel, in GB/s; the best of several passes. */
import { performance } from 'node:perf_hooks';
import { MiB } from '../../src/base/index.js';
import type { Kernel } from '../../src/kernel/index.js';

const passes = 5;

/** Copies `bytes` from one buffer to another; larger than the caches by default. */
export function measureCopy(bytes = 64 * MiB): number {
  const from = new Uint8Array(bytes).fill(1);
  const to = new Uint8Array(bytes);
  return best(bytes, () => to.set(from));
}

/** CRC32C over 1 MiB, again and again. */
export function measureChecksum(kernel: Kernel, times = 16): number {
  const bytes = new Uint8Array(MiB).fill(1);
  let crc = 0;
  return best(bytes.length * times, () => {
    for (let i = 0; i < times; i++) crc = kernel.crc32c(bytes, 0, bytes.length, crc);
  });
}

function best(bytes: number, work: () => void): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < passes; pass++) {
    const before = performance.now();
    work();
    shortestMs = Math.min(shortestMs, performance.now() - before);
  }
  return bytes / Math.max(shortestMs, 1e-6) / 1e6;
}
