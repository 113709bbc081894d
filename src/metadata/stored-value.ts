/**
 * What a key holds: its bytes, or the manifest of a blob, whose bytes lie on devices.
 *
 * The state keeps a manifest as it keeps any value and knows one thing about it: which blob it
 * names, an integer below 2^53 at a fixed place. All else about manifests is the shard layer's.
 */
import { readU64, viewOf } from '../base/index.js';

/** Where the number of the blob lies in a manifest, as a little-endian u64. */
export const blobOffset = 8;
/** What every manifest has at least. */
export const manifestBytesMin = blobOffset + 8;

/** Stands for a value that lies on devices. */
export class BlobReference {
  readonly manifest: Buffer;

  constructor(manifest: Buffer) {
    this.manifest = manifest;
  }

  get blob(): number {
    return blobOf(this.manifest);
  }
}

export type StoredValue = Buffer | BlobReference;

/** The number of the blob that a manifest names. */
export function blobOf(manifest: Uint8Array): number {
  return readU64(viewOf(manifest), blobOffset);
}
