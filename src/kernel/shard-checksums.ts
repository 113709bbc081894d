/** CRC32C of the blocks of shards that lie in a slab, where a tier has no pass that includes it. */
import type { Kernel } from './kernel.js';
import type { Slab } from './slab.js';

/** Shard i is `length` bytes from offset + i x stride on; its blocks have `block` bytes. */
export interface BlockLayout {
  readonly offset: number;
  readonly stride: number;
  readonly length: number;
  readonly block: number;
}

/** results[j x blocks + b] becomes the CRC32C of block b of shard shards[j]. */
export function shardChecksums(
  kernel: Kernel,
  slab: Slab,
  shards: readonly number[],
  { offset, stride, length, block }: BlockLayout,
  results: Uint32Array,
): void {
  let next = 0;
  for (const shard of shards) {
    const start = offset + shard * stride;
    for (let at = 0; at < length; at += block) {
      const end = Math.min(at + block, length);
      results[next++] = kernel.crc32c(slab.bytes, start + at, end - at, 0);
    }
  }
}
