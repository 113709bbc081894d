/** Reads several stripes of a value into one buffer, a few at a time. */
import { limits } from '../config/index.js';
import type { BlobReader } from './blob-reader.js';
import type { Manifest } from './manifest.js';
import type { StripeRange } from './stripe-layout.js';

/**
 * The ranges, which adjoin, one behind the other. Errors: those of a read, the first one.
 *
 * Memory for the value is taken when the first bytes are there, not when they are asked for: a
 * buffer that is young when it is dropped costs a small collection, one that waited a full one.
 */
export async function readStripes(
  manifest: Manifest,
  ranges: readonly StripeRange[],
  reader: Pick<BlobReader, 'read'>,
): Promise<Buffer> {
  const length = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  let target: Buffer | null = null;
  // Memory of its own: the pool of small buffers would keep it alive with others.
  const memory = (): Buffer => (target ??= Buffer.allocUnsafeSlow(length));
  let next = 0;
  let at = 0;
  const readOn = async (): Promise<void> => {
    for (let range = ranges[next]; range !== undefined; range = ranges[next]) {
      const place = at;
      next += 1;
      at += range.to - range.from;
      try {
        await reader.read(manifest, range, (bytes) => memory().set(bytes, place));
      } catch (error) {
        next = ranges.length;
        throw error;
      }
    }
  };
  const lanes = Math.min(ranges.length, limits.blobStreamStripes);
  // All of them end before this does, so that nobody writes to memory that was given up.
  const ends = await Promise.allSettled(Array.from({ length: lanes }, readOn));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return memory();
}
