/**
 * A value that is read piece by piece, at constant memory: a few stripes are asked for ahead of
 * who reads. Each chunk is verified before it is handed out.
 */
import { must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Manifest } from './manifest.js';
import { type StripeRange, stripeRanges } from './stripe-layout.js';

/** Reads [start, end) of a value, one chunk for each stripe. Errors: those of a read. */
export async function* readInChunks(
  manifest: Manifest,
  start: number,
  end: number,
  read: (range: StripeRange) => Promise<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const ranges = stripeRanges(manifest, start, end);
  const ahead: Promise<Buffer>[] = [];
  for (let next = 0; next < ranges.length || ahead.length > 0; ) {
    while (next < ranges.length && ahead.length < limits.blobStreamStripes) {
      const range = must(ranges[next], 'the range is one of them');
      const chunk = read(range);
      // Awaited below in turn; one that fails while others are awaited is no unhandled rejection.
      chunk.catch(() => undefined);
      ahead.push(chunk);
      next += 1;
    }
    yield await must(ahead.shift(), 'something was asked for');
  }
}
