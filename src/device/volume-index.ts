/**
 * The index of a volume: what is in it, so that opening need not scan it. Only an accelerator:
 * one that is missing, damaged or of another volume is as good as none.
 *
 *   | header 4 KiB | rows (fragment-list.ts), back to back |
 *
 *   offset  size  field
 *        0     8  magic         "THEMISVX"
 *        8     4  version       1
 *       12     4  checksum      1 = CRC32C
 *       16    16  clusterId
 *       32    16  deviceId
 *       48     8  volume
 *       56     8  end           where the next fragment would go
 *       64     4  rows
 *       68     4  sealed        1: nothing is appended any more
 *       72     4  CRC32C of the rows
 *       76  4016  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * It is written as `.partial`, synced and renamed. That of a volume which is appended to again is
 * removed first, durably, so a crash later finds none and scans.
 */
import { readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import { type BlockFormat, checkSeal, type Kernel, sealBlock } from '../kernel/index.js';
import { listRowBytes } from './fragment-list.js';

const format: BlockFormat = { magic: 'THEMISVX', version: 1 };

export interface VolumeIndex {
  readonly clusterId: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly volume: number;
  readonly end: number;
  readonly isSealed: boolean;
  readonly rows: Uint32Array;
}

export function encodeVolumeIndex(kernel: Kernel, index: VolumeIndex): Uint8Array {
  const { rows } = index;
  const bytes = new Uint8Array(limits.blockBytes + rows.byteLength);
  const view = viewOf(bytes);
  bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), limits.blockBytes);
  bytes.set(index.clusterId, 16);
  bytes.set(index.deviceId, 32);
  writeU64(view, 48, index.volume);
  writeU64(view, 56, index.end);
  view.setUint32(64, rows.byteLength / listRowBytes, true);
  view.setUint32(68, index.isSealed ? 1 : 0, true);
  const rowsCrc = kernel.crc32c(bytes, limits.blockBytes, rows.byteLength, 0);
  view.setUint32(72, rowsCrc, true);
  sealBlock(kernel, bytes.subarray(0, limits.blockBytes), format);
  return bytes;
}

/** The index in these bytes, or null when they are not a sound one that this version reads. */
export function decodeVolumeIndex(kernel: Kernel, bytes: Uint8Array): VolumeIndex | null {
  if (bytes.length < limits.blockBytes) return null;
  const view = viewOf(bytes);
  const rowsBytes = bytes.length - limits.blockBytes;
  const sound =
    checkSeal(kernel, bytes.subarray(0, limits.blockBytes), format).kind === 'sound' &&
    view.getUint32(64, true) * listRowBytes === rowsBytes &&
    view.getUint32(72, true) === kernel.crc32c(bytes, limits.blockBytes, rowsBytes, 0);
  if (!sound) return null;
  return {
    clusterId: bytes.slice(16, 32),
    deviceId: bytes.slice(32, 48),
    volume: readU64(view, 48),
    end: readU64(view, 56),
    isSealed: view.getUint32(68, true) === 1,
    rows: new Uint32Array(bytes.slice(limits.blockBytes).buffer),
  };
}
