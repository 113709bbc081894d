/**
 * The frame of small files that are read as a whole: identities, tables, headers, notes.
 *
 *   offset    size  field
 *        0       8  magic      tells formats apart
 *        8       4  version
 *       12       4  checksum   1 = CRC32C
 *       16          what the format says
 *   end - 4      4  CRC32C of everything before
 */
import { bufferOf, viewOf } from '../base/index.js';
import type { Kernel } from './kernel.js';

export interface BlockFormat {
  /** Eight characters of Latin-1. */
  readonly magic: string;
  readonly version: number;
}

export type BlockSeal =
  | { readonly kind: 'sound' }
  /** Sound, and written by a later version of Themis. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'bad' };

const checksumCrc32c = 1;
const trailerBytes = 4;
const sound: BlockSeal = { kind: 'sound' };
const bad: BlockSeal = { kind: 'bad' };

/** Puts the frame around a block whose fields are in their places. */
export function sealBlock(kernel: Kernel, block: Uint8Array, format: BlockFormat): void {
  const view = viewOf(block);
  bufferOf(block).write(format.magic, 0, 'latin1');
  view.setUint32(8, format.version, true);
  view.setUint32(12, checksumCrc32c, true);
  const end = block.length - trailerBytes;
  view.setUint32(end, kernel.crc32c(block, 0, end, 0), true);
}

/** Says whether a block is what `sealBlock` made; nothing in one that is not sound is believed. */
export function checkSeal(kernel: Kernel, block: Uint8Array, format: BlockFormat): BlockSeal {
  const { magic, version } = format;
  const view = viewOf(block);
  const end = block.length - trailerBytes;
  const isIntact = view.getUint32(end, true) === kernel.crc32c(block, 0, end, 0);
  if (!isIntact || bufferOf(block).toString('latin1', 0, magic.length) !== magic) return bad;
  const found = view.getUint32(8, true);
  if (found > version) return { kind: 'newer', version: found };
  return found === version && view.getUint32(12, true) === checksumCrc32c ? sound : bad;
}
