/**
 * The manifest of a blob: what the log and the state keep under the key of a large value. It says
 * what the fragments must be; where they are, the fragments say themselves.
 *
 *   offset  size  field
 *        0     4  magic         "TBLB"
 *        4     2  format        1
 *        6     1  checksum      algorithm: 1 = CRC32C
 *        7     1  matrix        1 = Vandermonde, made systematic
 *        8     8  blob          session * 2^32 + counter
 *       16     8  nonce         of the session
 *       24     8  length        bytes of the value
 *       32     4  stripeBytes   bytes of the value in every stripe but the last
 *       36     4  blockBytes    of a fragment, under one checksum
 *       40     2  data          k
 *       42     2  parity        m
 *       44     4  zero
 *       48   4 n  digests       n = stripes x (k + m); that of fragment i of stripe s is the
 *                               (s x (k + m) + i)th: CRC32C of its identity and its block checksums
 *   48+4 n     4  CRC32C of all before
 *
 * All integers are little-endian. A manifest is immutable, one value of the log and one record of
 * the state, so that a crash leaves it whole or not at all; the CRC is for what happens later.
 *
 * Example: 1 MiB under 4 + 2 is one stripe with 6 digests: 76 bytes. 4 GiB: 24,628 bytes.
 */
import { readU64, ThemisError, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { blobOffset } from '../metadata/index.js';
import { type BlobLayout, slotBytes, stripeCount } from './stripe-layout.js';

export const nonceBytes = 8;

const magic = 0x424c4254;
const format = 1;
const checksumCrc32c = 1;
const matrixVandermonde = 1;
const headBytes = 48;
const crcBytes = 4;

export interface Manifest extends BlobLayout {
  readonly blob: number;
  /** nonceBytes of them. */
  readonly nonce: Uint8Array;
  readonly blockBytes: number;
  /** stripes x (data + parity), by stripe, then by fragment. */
  readonly digests: Uint32Array;
}

export function manifestBytes(layout: BlobLayout): number {
  return headBytes + 4 * digestCount(layout) + crcBytes;
}

/** THEMIS_VALUE_TOO_LARGE for a value that no manifest can describe. */
export function checkBlobLength(layout: BlobLayout): void {
  const { length } = layout;
  if (length <= limits.blobBytesMax && manifestBytes(layout) <= limits.manifestBytesMax) return;
  const most = Math.min(limits.blobBytesMax, longestBlob(layout));
  const message = `The value has ${length} bytes; with this redundancy at most ${most} are kept. Split it.`;
  throw new ThemisError('THEMIS_VALUE_TOO_LARGE', message);
}

export function encodeManifest(kernel: Kernel, manifest: Manifest): Uint8Array {
  const bytes = new Uint8Array(manifestBytes(manifest));
  const view = viewOf(bytes);
  view.setUint32(0, magic, true);
  view.setUint16(4, format, true);
  bytes[6] = checksumCrc32c;
  bytes[7] = matrixVandermonde;
  writeU64(view, blobOffset, manifest.blob);
  bytes.set(manifest.nonce, 16);
  writeU64(view, 24, manifest.length);
  view.setUint32(32, manifest.stripeBytes, true);
  view.setUint32(36, manifest.blockBytes, true);
  view.setUint16(40, manifest.data, true);
  view.setUint16(42, manifest.parity, true);
  const count = digestCount(manifest);
  for (let i = 0; i < count; i++) {
    view.setUint32(headBytes + 4 * i, manifest.digests[i] as number, true);
  }
  const end = bytes.length - crcBytes;
  view.setUint32(end, kernel.crc32c(bytes, 0, end, 0), true);
  return bytes;
}

/**
 * Reads and checks a manifest. Throws THEMIS_STATE_CORRUPT when it is damaged or describes what
 * no blob can be, THEMIS_FORMAT_NEWER.
 */
export function decodeManifest(kernel: Kernel, bytes: Uint8Array): Manifest {
  const length = bytes.length;
  if (length < headBytes + crcBytes) throw damaged(`it has ${length} bytes`);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== magic) throw damaged('its magic number is wrong');
  const crc = view.getUint32(length - crcBytes, true);
  if (kernel.crc32c(bytes, 0, length - crcBytes, 0) !== crc) throw damaged('its checksum is wrong');
  if (view.getUint16(4, true) !== format) {
    const message = `A manifest has format ${view.getUint16(4, true)}; this version knows ${format}. Upgrade.`;
    throw new ThemisError('THEMIS_FORMAT_NEWER', message);
  }
  const manifest = {
    blob: readU64(view, blobOffset),
    nonce: bytes.slice(16, 16 + nonceBytes),
    length: readU64(view, 24),
    stripeBytes: view.getUint32(32, true),
    blockBytes: view.getUint32(36, true),
    data: view.getUint16(40, true),
    parity: view.getUint16(42, true),
  };
  const why = bytes[6] !== checksumCrc32c ? 'its checksums are unknown' : whyImpossible(manifest);
  if (why !== null) throw damaged(why);
  if (bytes[7] !== matrixVandermonde) throw damaged('its matrix is unknown');
  const count = digestCount(manifest);
  if (length !== headBytes + 4 * count + crcBytes) {
    throw damaged(`${length} bytes do not hold ${count} digests`);
  }
  const digests = new Uint32Array(count);
  for (let i = 0; i < count; i++) digests[i] = view.getUint32(headBytes + 4 * i, true);
  return { ...manifest, digests };
}

function whyImpossible(manifest: BlobLayout & { blob: number; blockBytes: number }): string | null {
  const { blob, length, data, parity, stripeBytes, blockBytes } = manifest;
  if (!Number.isSafeInteger(blob) || blob < 1) return 'its blob is none';
  if (data < 1 || data + parity > limits.shardsMax) return `it has ${data} + ${parity} fragments`;
  const unit = data * limits.blockBytes;
  if (stripeBytes < unit || stripeBytes % unit !== 0)
    return `its stripes have ${stripeBytes} bytes`;
  if (slotBytes(manifest, stripeBytes) > limits.blobSlotBytesMax)
    return 'its stripes are too large';
  if (blockBytes < limits.blockBytes || (blockBytes & (blockBytes - 1)) !== 0) {
    return `its blocks have ${blockBytes} bytes`;
  }
  return length > limits.blobBytesMax ? `its value has ${length} bytes` : null;
}

function digestCount(layout: BlobLayout): number {
  return stripeCount(layout) * (layout.data + layout.parity);
}

function longestBlob({ data, parity, stripeBytes }: BlobLayout): number {
  const digests = Math.floor((limits.manifestBytesMax - headBytes - crcBytes) / 4);
  return Math.floor(digests / (data + parity)) * stripeBytes;
}

function damaged(why: string): ThemisError {
  const message = `The manifest of a value is damaged: ${why}; close and reopen to rebuild the state.`;
  return new ThemisError('THEMIS_STATE_CORRUPT', message);
}
