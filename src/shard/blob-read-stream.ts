/**
 * A value that is read piece by piece, at constant memory: a few stripes are asked for ahead of
 * who reads. Each chunk is verified before it is handed out.
 */
import { must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Manifest } from './manifest.js';
import type { Wanted } from './piece-plan.js';
import { stripeRanges } from './stripe-layout.js';

/** Reads [start, end) of a value, one chunk for each stripe. Errors: those of a read. */
export async function* readInChunks(
  manifest: Manifest,
  start: number,
  end: number,
  read: (wanted: Wanted) => Promise<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const ranges = stripeRanges(manifest, start, end);
  const ahead: Promise<Uint8Array<ArrayBuffer>>[] = [];
  for (let next = 0; next < ranges.length || ahead.length > 0; ) {
    while (next < ranges.length && ahead.length < limits.blobStreamStripes) {
      const range = must(ranges[next], 'the range is one of them');
      const chunk = read({ manifest, ranges: [range] });
      // Awaited below in turn; one that fails while others are awaited is no unhandled rejection.
      chunk.catch(() => undefined);
      ahead.push(chunk);
      next += 1;
    }
    yield await must(ahead.shift(), 'something was asked for');
  }
}
