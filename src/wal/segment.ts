/**
 * A log segment: one file of a fixed size, filled with zeros before it is used.
 *
 *   block 0   header            4 KiB
 *   block 1   the same header   4 KiB
 *   block 2.. batches, each starting at a 4 KiB boundary (batch.ts); zeros after the last
 *
 * Header, the rest of its block is zero:
 *
 *   offset  size  field
 *        0     8  magic           "THEMISWL"
 *        8     4  version         1
 *       12     4  checksum        1 = CRC32C
 *       16    16  clusterId
 *       32    16  nodeId
 *       48     8  incarnation     of the node when the segment was opened for writing
 *       56     8  sequence        contiguous from 1; also in the name
 *       64     8  syncedPosition  end of the data of the segment before; all of it is synced
 *       72     4  chain           before the first record
 *       76     4  segmentBytes    size of this and every other segment
 *       80     8  batchNumber     of the first batch
 *       88     4  CRC32C of bytes [0, 88)
 *
 * Name: 16 hexadecimal digits of the sequence and `.wal`, `000000000000002a.wal` for 42. A log
 * position is sequence * segmentBytes + offset: with 64 MiB, the first batch of segment 42 is at
 * 42 * 67108864 + 8192 = 2818580480.
 *
 * The header is synced before the file gets its name, so a crash never leaves a `.wal` file with
 * a torn header. Damage of one copy is repaired from the other.
 */
import { bufferOf, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Identity } from './identity.js';

/** Where the first batch starts. */
export const segmentDataOffset = 2 * limits.blockBytes;
export const segmentVersion = 1;

const magic = Buffer.from('THEMISWL', 'latin1');
const crc32cId = 1;
const crcOffset = 88;

/** Who writes the log. */
export interface LogIdentity extends Identity {
  /** How often the node came up under new promises; see the superblock. */
  readonly incarnation: number;
}

export interface SegmentHeader {
  readonly identity: LogIdentity;
  readonly sequence: number;
  readonly syncedPosition: number;
  readonly chain: number;
  readonly segmentBytes: number;
  readonly batchNumber: number;
}

/** A copy of the header as it was found. `newer`: written by a later version of Themis. */
export type HeaderCopy =
  | { readonly kind: 'valid'; readonly header: SegmentHeader }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'bad' };

export function segmentName(sequence: number): string {
  return `${sequence.toString(16).padStart(16, '0')}.wal`;
}

/** The sequence that a file name stands for, or null when it is not a segment's. */
export function segmentSequence(name: string): number | null {
  return /^[0-9a-f]{16}\.wal$/.test(name) ? Number.parseInt(name.slice(0, 16), 16) : null;
}

/** Both blocks of the header. */
export function encodeSegmentHeader(header: SegmentHeader, kernel: Kernel): Uint8Array {
  const bytes = new Uint8Array(segmentDataOffset);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint32(8, segmentVersion, true);
  view.setUint32(12, crc32cId, true);
  bytes.set(header.identity.clusterId, 16);
  bytes.set(header.identity.nodeId, 32);
  writeU64(view, 48, header.identity.incarnation);
  writeU64(view, 56, header.sequence);
  writeU64(view, 64, header.syncedPosition);
  view.setUint32(72, header.chain, true);
  view.setUint32(76, header.segmentBytes, true);
  writeU64(view, 80, header.batchNumber);
  view.setUint32(crcOffset, kernel.crc32c(bytes, 0, crcOffset, 0), true);
  bytes.copyWithin(limits.blockBytes, 0, limits.blockBytes);
  return bytes;
}

/** Reads one copy at `offset` of `bytes`, where at least 92 bytes must be. */
export function decodeSegmentHeader(bytes: Uint8Array, offset: number, kernel: Kernel): HeaderCopy {
  const view = viewOf(bytes);
  const sound =
    bufferOf(bytes.subarray(offset, offset + magic.length)).equals(magic) &&
    view.getUint32(offset + crcOffset, true) === kernel.crc32c(bytes, offset, crcOffset, 0);
  if (!sound) return { kind: 'bad' };
  const version = view.getUint32(offset + 8, true);
  if (version > segmentVersion) return { kind: 'newer', version };
  if (view.getUint32(offset + 12, true) !== crc32cId) return { kind: 'bad' };
  const header: SegmentHeader = {
    identity: {
      clusterId: bytes.slice(offset + 16, offset + 32),
      nodeId: bytes.slice(offset + 32, offset + 48),
      incarnation: readU64(view, offset + 48),
    },
    sequence: readU64(view, offset + 56),
    syncedPosition: readU64(view, offset + 64),
    chain: view.getUint32(offset + 72, true),
    segmentBytes: view.getUint32(offset + 76, true),
    batchNumber: readU64(view, offset + 80),
  };
  return { kind: 'valid', header };
}

/**
 * 32 bits that stand for (cluster, incarnation, sequence) in every batch and record, so that the
 * bytes of another segment never pass for this one's. Never zero.
 */
export function segmentTag(clusterId: Uint8Array, incarnation: number, sequence: number): number {
  const view = viewOf(clusterId);
  const words = [
    view.getUint32(0, true),
    view.getUint32(4, true),
    view.getUint32(8, true),
    view.getUint32(12, true),
    incarnation >>> 0,
    Math.floor(incarnation / 2 ** 32),
    sequence >>> 0,
    Math.floor(sequence / 2 ** 32),
  ];
  let mixed = 0x53454754;
  for (const word of words) {
    mixed = Math.imul(mixed ^ word, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0 || 1;
}
