/** The entries inside a chunk of a snapshot: finding them, and hashing them. */
import { viewOf } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { entryHeaderBytes } from './snapshot-file.js';
import type { StateHash } from './state-hash.js';

/** Numbers of an entry in an index: offset and length of its key, offset and length of its value. */
export const indexStride = 4;

/**
 * Where the entries of a chunk lie: `indexStride` numbers for each, which are ranges for
 * `crc32cRanges` as they are. Null when the bytes are not exactly that many entries.
 */
export function indexEntries(payload: Uint8Array, entries: number): Uint32Array | null {
  if (entries === 0 || entries * entryHeaderBytes > payload.length) return null;
  const view = viewOf(payload);
  const index = new Uint32Array(entries * indexStride);
  let offset = 0;
  for (let at = 0; at < index.length; at += indexStride) {
    if (offset + entryHeaderBytes > payload.length) return null;
    const keyBytes = view.getUint32(offset, true);
    const valueBytes = view.getUint32(offset + 4, true);
    if (keyBytes > limits.keyBytesMax || valueBytes > limits.valueBytesMax) return null;
    const key = offset + entryHeaderBytes;
    offset = key + keyBytes + valueBytes;
    if (offset > payload.length) return null;
    index[at] = key;
    index[at + 1] = keyBytes;
    index[at + 2] = key + keyBytes;
    index[at + 3] = valueBytes;
  }
  return offset === payload.length ? index : null;
}

/** The version of the entry whose key lies at `keyOffset`. */
export function versionAt(view: DataView, keyOffset: number): number {
  return (
    view.getUint32(keyOffset - 8, true) +
    (view.getUint32(keyOffset - 4, true) & 0xff_ffff) * 2 ** 32
  );
}

/** The kind of the entry whose key lies at `keyOffset`. */
export function kindAt(view: DataView, keyOffset: number): number {
  return view.getUint8(keyOffset - 1);
}

/** Adds all indexed entries to `hash`. */
export function hashEntries(
  kernel: Kernel,
  payload: Uint8Array,
  index: Uint32Array,
  hash: StateHash,
): void {
  const view = viewOf(payload);
  const crcs = new Uint32Array(index.length / 2);
  kernel.crc32cRanges(payload, index, crcs.length, crcs);
  for (let at = 0; at < index.length; at += indexStride) {
    hash.add(
      crcs[at / 2] as number,
      index[at + 1] as number,
      crcs[at / 2 + 1] as number,
      index[at + 3] as number,
      versionAt(view, index[at] as number),
    );
  }
}
