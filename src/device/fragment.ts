/**
 * A fragment on a device: one header block of 4 KiB, then its data, then zeros to the next 4 KiB.
 *
 *   | header 4 KiB | data, `bytes` long | zeros to 4 KiB |
 *
 *   offset  size  field
 *        0     8  magic         "THEMISFR"
 *        8     4  version       1
 *       12     4  checksum      1 = CRC32C
 *       16     8  volume        number of the volume that holds it; see below
 *       24     4  digest        CRC32C of bytes [32, 96 + 4 x blocks)
 *       28     4  zero
 *       32    16  clusterId
 *       48     8  blob
 *       56     8  nonce         of the session that wrote the blob
 *       64     4  stripe
 *       68     1  number        0 to data - 1 data, then parity
 *       69     1  data          k
 *       70     1  parity        m
 *       71     1  matrix        1 = systematic Vandermonde over GF(2^8), 0x11d
 *       72     4  stripeBytes   bytes of the value in the stripe
 *       76     4  bytes         of data in this fragment
 *       80     4  blockBytes    bytes that one checksum of the table covers
 *       84    12  zero
 *       96        table         CRC32C of each block of the data; the last block may be shorter
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * Example: 100,000 bytes are two blocks of 65,536 and 34,464; the fragment takes 4096 + 102,400.
 *
 * The *digest* stands for all that must never change: what the fragment is, and through the table
 * its data. It travels in the blob's manifest, so that a fragment which is sound but stale or
 * misplaced is told from the one that is wanted. The volume is not part of it: it is filled in
 * when the fragment is written, and again when compaction moves it. A volume's number is never
 * used twice, so bytes that a recycled file held before do not pass for fragments of the new one.
 *
 * There is no footer: everything is known before the write, and one write carries all of it.
 */
import { alignUp, assert, bufferOf, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';

export const fragmentHeaderBytes = limits.blockBytes;

const magic = Buffer.from('THEMISFR', 'latin1');
const magicWord = magic.readUInt32LE(0);
const formatVersion = 1;
const crc32cId = 1;
const vandermondeId = 1;
const volumeOffset = 16;
const digestOffset = 24;
const identityOffset = 32;
const tableOffset = 96;
const crcOffset = fragmentHeaderBytes - 4;
const blocksMax = Math.floor((crcOffset - tableOffset) / 4);

assert(
  blocksMax * limits.fragmentBlockBytes >= limits.fragmentBytesMax,
  'the checksums of the longest fragment fit its header',
);

/** Which fragment. */
export interface FragmentName {
  /** A safe integer: session x 2^32 + counter. */
  readonly blob: number;
  readonly stripe: number;
  /** 0 to k - 1 are data, k to k + m - 1 parity. */
  readonly number: number;
}

/** What a fragment says about itself. */
export interface FragmentFields extends FragmentName {
  /** 16 bytes. */
  readonly clusterId: Uint8Array;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  /** k, 1 to 255. */
  readonly data: number;
  /** m, 0 to 255. */
  readonly parity: number;
  /** Bytes of the value in the stripe. */
  readonly stripeBytes: number;
  /** Bytes of data in this fragment, 1 to fragmentBytesMax. */
  readonly bytes: number;
  readonly blockBytes: number;
}

export interface FragmentHeader extends FragmentFields {
  readonly volume: number;
  /** As it was computed now, not as it was found. */
  readonly digest: number;
}

export type DecodedHeader =
  | { readonly kind: 'valid'; readonly header: FragmentHeader }
  /** Sound, and written by a later version of Themis. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'bad' };

/** Bytes that a fragment with so much data takes on a device. */
export function fragmentFootprint(bytes: number): number {
  return fragmentHeaderBytes + alignUp(bytes, limits.blockBytes);
}

/**
 * Writes the header in front of data that lies in `target` from offset + 4096 on, and zeros behind
 * the data to the end of its block. `checksums` are the CRC32Cs of its blocks. Returns the digest.
 * The volume stays open: `placeFragment` fills it in, and seals the header.
 */
export function sealFragment(
  kernel: Kernel,
  target: Uint8Array,
  offset: number,
  fields: FragmentFields,
  checksums: Uint32Array,
): number {
  const blocks = blocksOf(fields);
  assert(isSound(fields), 'the fields of a fragment are in range');
  assert(checksums.length === blocks, 'a checksum for every block');
  const dataEnd = offset + fragmentHeaderBytes + fields.bytes;
  target.fill(0, offset, offset + fragmentHeaderBytes);
  target.fill(0, dataEnd, offset + fragmentFootprint(fields.bytes));
  const view = viewOf(target);
  target.set(magic, offset);
  view.setUint32(offset + 8, formatVersion, true);
  view.setUint32(offset + 12, crc32cId, true);
  target.set(fields.clusterId, offset + 32);
  writeU64(view, offset + 48, fields.blob);
  target.set(fields.nonce, offset + 56);
  view.setUint32(offset + 64, fields.stripe, true);
  target.set([fields.number, fields.data, fields.parity, vandermondeId], offset + 68);
  view.setUint32(offset + 72, fields.stripeBytes, true);
  view.setUint32(offset + 76, fields.bytes, true);
  view.setUint32(offset + 80, fields.blockBytes, true);
  for (let block = 0; block < blocks; block++) {
    view.setUint32(offset + tableOffset + 4 * block, checksums[block] as number, true);
  }
  const digest = digestOf(kernel, target, offset, blocks);
  view.setUint32(offset + digestOffset, digest, true);
  return digest;
}

/** Says in a sealed header which volume it goes to; the header's checksum is renewed. */
export function placeFragment(
  kernel: Kernel,
  target: Uint8Array,
  offset: number,
  volume: number,
): void {
  const view = viewOf(target);
  writeU64(view, offset + volumeOffset, volume);
  view.setUint32(offset + crcOffset, kernel.crc32c(target, offset, crcOffset, 0), true);
}

/** What the index needs to know of a fragment that lies sealed at `offset`. */
export function sealedFragment(
  source: Uint8Array,
  offset: number,
): { readonly bytes: number; readonly digest: number } {
  const view = viewOf(source);
  const digest = view.getUint32(offset + digestOffset, true);
  return { bytes: view.getUint32(offset + 76, true), digest };
}

/** True when a fragment's header may begin at `offset`; a cheap look for scans. */
export function looksLikeFragment(view: DataView, offset: number): boolean {
  return view.getUint32(offset, true) === magicWord;
}

/** Reads and checks the header at `offset` of `source`. */
export function decodeFragment(kernel: Kernel, source: Uint8Array, offset: number): DecodedHeader {
  const view = viewOf(source);
  const sound =
    bufferOf(source.subarray(offset, offset + magic.length)).equals(magic) &&
    view.getUint32(offset + crcOffset, true) === kernel.crc32c(source, offset, crcOffset, 0);
  if (!sound) return { kind: 'bad' };
  const version = view.getUint32(offset + 8, true);
  if (version > formatVersion) return { kind: 'newer', version };
  const known = view.getUint32(offset + 12, true) === crc32cId && source[offset + 71] === 1;
  const fields = readFields(view, source, offset);
  if (!known || !isSound(fields)) return { kind: 'bad' };
  const digest = digestOf(kernel, source, offset, blocksOf(fields));
  if (digest !== view.getUint32(offset + digestOffset, true)) return { kind: 'bad' };
  return { kind: 'valid', header: { ...fields, volume: readU64(view, offset + 16), digest } };
}

/**
 * Checks bytes [from, to) of the data, which lie in `target` at `at`, against the header that lies
 * at `headerAt` of `header`. `from` is at the start of a block, `to` at the end of one. Returns the
 * first block that is damaged, or -1.
 */
export function damagedBlock(
  kernel: Kernel,
  header: Uint8Array,
  headerAt: number,
  data: { readonly bytes: Uint8Array; readonly at: number },
  range: { readonly from: number; readonly to: number },
): number {
  const view = viewOf(header);
  const bytes = view.getUint32(headerAt + 76, true);
  const blockBytes = view.getUint32(headerAt + 80, true);
  const { from, to } = range;
  assert(from % blockBytes === 0, 'a range starts with a block');
  assert(to === bytes || to % blockBytes === 0, 'a range ends with a block');
  for (let start = from; start < to; start += blockBytes) {
    const block = start / blockBytes;
    const length = Math.min(blockBytes, bytes - start);
    const crc = kernel.crc32c(data.bytes, data.at + start - from, length, 0);
    if (crc !== view.getUint32(headerAt + tableOffset + 4 * block, true)) return block;
  }
  return -1;
}

function readFields(view: DataView, source: Uint8Array, offset: number): FragmentFields {
  return {
    clusterId: source.slice(offset + 32, offset + 48),
    blob: readU64(view, offset + 48),
    nonce: source.slice(offset + 56, offset + 64),
    stripe: view.getUint32(offset + 64, true),
    number: view.getUint8(offset + 68),
    data: view.getUint8(offset + 69),
    parity: view.getUint8(offset + 70),
    stripeBytes: view.getUint32(offset + 72, true),
    bytes: view.getUint32(offset + 76, true),
    blockBytes: view.getUint32(offset + 80, true),
  };
}

function isSound(fields: FragmentFields): boolean {
  const { blob, number, data, parity, bytes, blockBytes } = fields;
  const named = Number.isSafeInteger(blob) && number < data + parity;
  const coded = data >= 1 && data + parity <= 256;
  const sized = bytes >= 1 && bytes <= limits.fragmentBytesMax;
  return named && coded && sized && blockBytes >= 1 && blocksOf(fields) <= blocksMax;
}

function blocksOf(fields: { readonly bytes: number; readonly blockBytes: number }): number {
  return Math.ceil(fields.bytes / fields.blockBytes);
}

function digestOf(kernel: Kernel, source: Uint8Array, offset: number, blocks: number): number {
  const length = tableOffset + 4 * blocks - identityOffset;
  return kernel.crc32c(source, offset + identityOffset, length, 0);
}
