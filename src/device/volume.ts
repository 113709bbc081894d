/**
 * A volume: one file of a fixed size on a device, which fragments are appended to.
 *
 *   block 0    header                4 KiB
 *   block 1..  fragments (fragment.ts), each from a 4 KiB boundary on; then what nobody wrote yet:
 *              zeros, or in a recycled file what it held before
 *
 *   offset  size  field
 *        0     8  magic         "THEMISVO"
 *        8     4  version       1
 *       12     4  checksum      1 = CRC32C
 *       16    16  clusterId
 *       32    16  deviceId
 *       48     8  number        from 1; also in the name; never used twice on a device
 *       56     8  volumeBytes   size of the file
 *       64  4028  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * Names in the folder `volumes`, numbers as 8 hexadecimal digits:
 *
 *   0000002a.volume         volume 42
 *   0000002a.index          what is in it (volume-index.ts); only makes opening faster
 *   spare-0000002a.volume   was volume 42, is free to become another
 *   *.partial               half made; removed at open
 *
 * A file gets its header under another name, is synced, and then renamed: a crash leaves no volume
 * with a torn header. The header is for people and for checks; a scan goes by the number in the
 * name, which every fragment repeats, so a damaged header costs no fragment.
 */
import { readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import {
  type BlockFormat,
  type BlockSeal,
  checkSeal,
  type Kernel,
  sealBlock,
} from '../kernel/index.js';

/** Where the first fragment starts. */
export const volumeDataOffset = limits.blockBytes;
export const volumesFolder = 'volumes';

const format: BlockFormat = { magic: 'THEMISVO', version: 1 };

export interface VolumeHeader {
  readonly clusterId: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly number: number;
  readonly volumeBytes: number;
}

export type DecodedVolume =
  | { readonly kind: 'valid'; readonly header: VolumeHeader }
  | Exclude<BlockSeal, { readonly kind: 'sound' }>;

/** What a name in the folder of the volumes stands for. */
export type VolumeFile =
  | { readonly kind: 'volume' | 'index' | 'spare'; readonly number: number }
  | { readonly kind: 'partial' }
  | { readonly kind: 'unknown' };

export function volumeName(number: number): string {
  return `${digits(number)}.volume`;
}

export function indexName(number: number): string {
  return `${digits(number)}.index`;
}

export function spareName(number: number): string {
  return `spare-${digits(number)}.volume`;
}

export function volumePath(devicePath: string, number: number): string {
  return `${devicePath}/${volumesFolder}/${volumeName(number)}`;
}

export function parseVolumeName(name: string): VolumeFile {
  if (name.endsWith('.partial')) return { kind: 'partial' };
  const match = /^(spare-)?([0-9a-f]{8})\.(volume|index)$/.exec(name);
  if (match === null || (match[1] !== undefined && match[3] === 'index'))
    return { kind: 'unknown' };
  const number = Number.parseInt(match[2] as string, 16);
  if (match[1] !== undefined) return { kind: 'spare', number };
  return { kind: match[3] === 'index' ? 'index' : 'volume', number };
}

export function encodeVolumeHeader(kernel: Kernel, header: VolumeHeader): Uint8Array {
  const block = new Uint8Array(limits.blockBytes);
  const view = viewOf(block);
  block.set(header.clusterId, 16);
  block.set(header.deviceId, 32);
  writeU64(view, 48, header.number);
  writeU64(view, 56, header.volumeBytes);
  sealBlock(kernel, block, format);
  return block;
}

export function decodeVolumeHeader(kernel: Kernel, block: Uint8Array): DecodedVolume {
  const seal = checkSeal(kernel, block, format);
  if (seal.kind !== 'sound') return seal;
  const view = viewOf(block);
  const header: VolumeHeader = {
    clusterId: block.slice(16, 32),
    deviceId: block.slice(32, 48),
    number: readU64(view, 48),
    volumeBytes: readU64(view, 56),
  };
  return { kind: 'valid', header };
}

function digits(number: number): string {
  return number.toString(16).padStart(8, '0');
}
