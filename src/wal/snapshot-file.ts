/**
 * A snapshot: all entries of the state at one index of the log, sorted by key, in one file.
 *
 *   <16 hex digits of index>.snapshot
 *
 *   | header 4 KiB | the same header again | chunk | chunk | ... | footer 4 KiB |
 *
 * Header, twice, so that a damaged copy is read from the other and repaired:
 *
 *   offset  size  field
 *        0     8  magic            "THEMISSN"
 *        8     4  format version   2; 1 is read too
 *       12     4  checksum         algorithm: 1 = CRC32C
 *       16    16  clusterId
 *       32    16  nodeId           the node that wrote it
 *       48     8  index            the state holds everything up to this record, nothing after
 *       56     8  ballot           of that record
 *       64     8  membershipEpoch
 *       72     8  createdMs        wall clock, for people
 *       80  4012  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * Chunk: whole entries, up to snapshotChunkBytes of them, or one entry alone that is longer:
 *
 *        0     4  chain            CRC32C of bytes [4, 24 + length), continued from the chain of
 *                                  the chunk before (of the first: from the header's CRC)
 *        4     4  magic            "SNCH"
 *        8     4  sequence         0, 1, 2, ...
 *       12     4  entries          how many
 *       16     4  length           bytes of entries
 *       20     4  zero
 *       24        entries: keyBytes u32 | valueBytes u32 | version u56 | kind u8 | key | value
 *
 * The kind of a value is the state's business (metadata/state-record.ts); format 1 knew only 0.
 *
 * A chunk that is sound but of another file or place does not continue the chain.
 *
 * Footer, the manifest:
 *
 *        0     8  magic            "THEMISSF"
 *        8     4  format version   as in the header
 *       12     4  checksum         algorithm: 1 = CRC32C
 *       16     4  headerCrc        the CRC of the header that it belongs to
 *       20     4  chain            of the last chunk; headerCrc when there is none
 *       24     8  chunks
 *       32     8  entries
 *       40     8  fileBytes        the whole file
 *       48     8  stateHash        sum of the hashes of all entries (state-hash.ts)
 *       56  4036  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * All integers are little-endian. Example: one entry with a 3-byte key and a 5-byte value is a
 * file of 8192 + 24 + 16 + 8 + 4096 = 12,336 bytes. Nothing can be torn: the file is written as
 * `.partial`, synced, read back and verified, and only then renamed (snapshot-writer.ts).
 */
import { bufferOf, isZero, readU64, ThemisError, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { type Identity, identityBytes } from './identity.js';

export const snapshotVersion = 2;
export const snapshotBlockBytes = limits.blockBytes;
export const chunksStart = 2 * snapshotBlockBytes;
export const chunkHeaderBytes = 24;
export const entryHeaderBytes = 16;
/** Longest entries of one chunk that a reader accepts. */
export const chunkLengthMax = Math.max(
  limits.snapshotChunkBytes,
  entryHeaderBytes + limits.keyBytesMax + limits.valueBytesMax,
);

const headerMagic = 'THEMISSN';
const footerMagic = 'THEMISSF';
const chunkMagic = 0x48434e53;
const checksumCrc32c = 1;
const crcOffset = snapshotBlockBytes - 4;
const headerFieldsEnd = 80;
const footerFieldsEnd = 56;

export interface SnapshotHeader extends Identity {
  readonly index: number;
  readonly ballot: number;
  readonly membershipEpoch: number;
  readonly createdMs: number;
}

/** What a snapshot holds: its header, and what its footer counts. */
export interface SnapshotManifest extends SnapshotHeader {
  readonly chunks: number;
  readonly entries: number;
  readonly fileBytes: number;
  readonly stateHash: bigint;
  /** The chain after the last chunk. */
  readonly chain: number;
}

export interface SnapshotFooter {
  readonly headerCrc: number;
  readonly chain: number;
  readonly chunks: number;
  readonly entries: number;
  readonly fileBytes: number;
  readonly stateHash: bigint;
}

export interface ChunkHeader {
  readonly chain: number;
  readonly sequence: number;
  readonly entries: number;
  readonly length: number;
}

/** What a block of the file holds, when its checksum holds. */
export type Decoded<T> =
  | { readonly kind: 'valid'; readonly value: T; readonly crc: number }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'invalid' };

export function encodeHeader(kernel: Kernel, header: SnapshotHeader): Uint8Array {
  const block = newBlock(headerMagic);
  const view = viewOf(block);
  block.set(header.clusterId, 16);
  block.set(header.nodeId, 32);
  writeU64(view, 48, header.index);
  writeU64(view, 56, header.ballot);
  writeU64(view, 64, header.membershipEpoch);
  writeU64(view, 72, header.createdMs);
  return sealBlock(kernel, block);
}

export function decodeHeader(kernel: Kernel, block: Uint8Array): Decoded<SnapshotHeader> {
  return decodeBlock(kernel, block, headerMagic, headerFieldsEnd, (view) => ({
    clusterId: block.slice(16, 16 + identityBytes),
    nodeId: block.slice(32, 32 + identityBytes),
    index: readU64(view, 48),
    ballot: readU64(view, 56),
    membershipEpoch: readU64(view, 64),
    createdMs: readU64(view, 72),
  }));
}

export function encodeFooter(kernel: Kernel, footer: SnapshotFooter): Uint8Array {
  const block = newBlock(footerMagic);
  const view = viewOf(block);
  view.setUint32(16, footer.headerCrc, true);
  view.setUint32(20, footer.chain, true);
  writeU64(view, 24, footer.chunks);
  writeU64(view, 32, footer.entries);
  writeU64(view, 40, footer.fileBytes);
  view.setBigUint64(48, footer.stateHash, true);
  return sealBlock(kernel, block);
}

export function decodeFooter(kernel: Kernel, block: Uint8Array): Decoded<SnapshotFooter> {
  return decodeBlock(kernel, block, footerMagic, footerFieldsEnd, (view) => ({
    headerCrc: view.getUint32(16, true),
    chain: view.getUint32(20, true),
    chunks: readU64(view, 24),
    entries: readU64(view, 32),
    fileBytes: readU64(view, 40),
    stateHash: view.getBigUint64(48, true),
  }));
}

/** The checksum of a sealed header block, from which the chain of the chunks starts. */
export function sealOf(block: Uint8Array): number {
  return viewOf(block).getUint32(crcOffset, true);
}

/** Writes the header of a chunk before its entries; `before` is the chain so far. */
export function sealChunk(
  kernel: Kernel,
  chunk: Uint8Array,
  header: Omit<ChunkHeader, 'chain'>,
  before: number,
): number {
  const view = viewOf(chunk);
  view.setUint32(4, chunkMagic, true);
  view.setUint32(8, header.sequence, true);
  view.setUint32(12, header.entries, true);
  view.setUint32(16, header.length, true);
  view.setUint32(20, 0, true);
  const chain = kernel.crc32c(chunk, 4, chunkHeaderBytes - 4 + header.length, before);
  view.setUint32(0, chain, true);
  return chain;
}

/** The header of a chunk, not yet verified; null when it cannot be one. */
export function readChunkHeader(bytes: Uint8Array): ChunkHeader | null {
  const view = viewOf(bytes);
  const length = view.getUint32(16, true);
  if (view.getUint32(4, true) !== chunkMagic || length > chunkLengthMax) return null;
  return {
    chain: view.getUint32(0, true),
    sequence: view.getUint32(8, true),
    entries: view.getUint32(12, true),
    length,
  };
}

/** True when the chunk (header and entries) continues the chain `before`. */
export function chunkHolds(kernel: Kernel, chunk: Uint8Array, before: number): boolean {
  const view = viewOf(chunk);
  return view.getUint32(0, true) === kernel.crc32c(chunk, 4, chunk.length - 4, before);
}

export function snapshotName(index: number): string {
  return `${index.toString(16).padStart(16, '0')}.snapshot`;
}

/** The index in the name of a snapshot file, or null for any other name. */
export function snapshotIndex(name: string): number | null {
  return /^[0-9a-f]{16}\.snapshot$/.test(name) ? Number.parseInt(name.slice(0, 16), 16) : null;
}

function newBlock(magic: string): Uint8Array {
  const block = new Uint8Array(snapshotBlockBytes);
  bufferOf(block).write(magic, 0, 'latin1');
  viewOf(block).setUint32(8, snapshotVersion, true);
  viewOf(block).setUint32(12, checksumCrc32c, true);
  return block;
}

function sealBlock(kernel: Kernel, block: Uint8Array): Uint8Array {
  viewOf(block).setUint32(crcOffset, kernel.crc32c(block, 0, crcOffset, 0), true);
  return block;
}

function decodeBlock<T>(
  kernel: Kernel,
  block: Uint8Array,
  magic: string,
  fieldsEnd: number,
  decode: (view: DataView) => T,
): Decoded<T> {
  const view = viewOf(block);
  const crc = view.getUint32(crcOffset, true);
  if (bufferOf(block).toString('latin1', 0, 8) !== magic) return { kind: 'invalid' };
  if (crc !== kernel.crc32c(block, 0, crcOffset, 0)) return { kind: 'invalid' };
  const version = view.getUint32(8, true);
  if (version > snapshotVersion) return { kind: 'newer', version };
  const known = version > 0 && view.getUint32(12, true) === checksumCrc32c;
  if (!known || !isZero(block.subarray(fieldsEnd, crcOffset))) return { kind: 'invalid' };
  return { kind: 'valid', value: decode(view), crc };
}

export function snapshotCorrupt(path: string, why: string, cause?: unknown): ThemisError {
  return new ThemisError(
    'THEMIS_SNAPSHOT_CORRUPT',
    `The snapshot ${path} is damaged: ${why}. It must be set aside and an older one used.`,
    cause,
  );
}
