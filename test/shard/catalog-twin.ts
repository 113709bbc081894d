/** A catalog of blobs of one stripe under 1 + 1, whose values are never read. */

import { portableKernel as kernel } from '../../src/kernel/index.js';
import type { BlobEntry } from '../../src/metadata/index.js';
import { encodeManifest } from '../../src/shard/manifest.js';

/** Up to `count` of the blobs, ascending, behind `after`. */
export function listBlobs(blobs: readonly number[], after: number, count: number): BlobEntry[] {
  return blobs
    .filter((blob) => blob > after)
    .slice(0, count)
    .map((blob) => ({ blob, key: Buffer.from('k'), manifest: Buffer.from(manifestOf(blob)) }));
}

function manifestOf(blob: number): Uint8Array {
  return encodeManifest(kernel, {
    blob,
    nonce: new Uint8Array(8),
    blockBytes: 65_536,
    data: 1,
    parity: 1,
    length: 10,
    stripeBytes: 4096,
    digests: new Uint32Array(2),
  });
}
