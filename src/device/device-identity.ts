/**
 * The identity of a device: the file `device` in its folder, one block of 4 KiB, twice
 * (twin-file.ts). It says whose device this is, so that one which was swapped, doubled or restored
 * from an older copy is recognized.
 *
 *   offset  size  field
 *        0     8  magic         "THEMISDV"
 *        8     4  version       1
 *       12     4  checksum      1 = CRC32C
 *       16    16  clusterId
 *       32    16  nodeId        the store that it belongs to; one store at a time is open
 *       48    16  deviceId      random
 *       64     8  session       of the last open that wrote to it; 0 before the first
 *       72     8  createdMs     wall clock, for people
 *       80     4  number        under which the store knew it when this was written
 *       84  4008  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 */
import { isZero, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import { type BlockFormat, type Kernel, sealBlock } from '../kernel/index.js';
import { isSound, readTwin, type TwinRead, writeTwin } from './twin-file.js';

export const identityName = 'device';
export const idBytes = 16;

const format: BlockFormat = { magic: 'THEMISDV', version: 1 };
const fieldsEnd = 84;
const crcOffset = limits.blockBytes - 4;

/** The store that devices belong to. */
export interface Owner {
  /** 16 random bytes, the same on all nodes of a cluster. */
  readonly clusterId: Uint8Array;
  /** 16 random bytes of this node alone. */
  readonly nodeId: Uint8Array;
}

export interface DeviceIdentity extends Owner {
  readonly deviceId: Uint8Array;
  readonly session: number;
  readonly createdMs: number;
  readonly number: number;
}

/** Throws THEMIS_FORMAT_NEWER and the system's errors. */
export function readIdentity(
  fileSystem: FileSystem,
  devicePath: string,
  kernel: Kernel,
): TwinRead<DeviceIdentity> {
  const path = `${devicePath}/${identityName}`;
  return readTwin(fileSystem, path, (copy) => decodeIdentity(kernel, copy, path));
}

/** Durable when it returns. */
export function writeIdentity(
  fileSystem: FileSystem,
  devicePath: string,
  kernel: Kernel,
  identity: DeviceIdentity,
): void {
  writeTwin(fileSystem, `${devicePath}/${identityName}`, encodeIdentity(kernel, identity));
}

export function encodeIdentity(kernel: Kernel, identity: DeviceIdentity): Uint8Array {
  const block = new Uint8Array(limits.blockBytes);
  const view = viewOf(block);
  block.set(identity.clusterId, 16);
  block.set(identity.nodeId, 32);
  block.set(identity.deviceId, 48);
  writeU64(view, 64, identity.session);
  writeU64(view, 72, identity.createdMs);
  view.setUint32(80, identity.number, true);
  sealBlock(kernel, block, format);
  return block;
}

/** Null when the copy is damaged. */
function decodeIdentity(kernel: Kernel, copy: Uint8Array, path: string): DeviceIdentity | null {
  if (copy.length !== limits.blockBytes) return null;
  if (!isSound(kernel, copy, format, path)) return null;
  if (!isZero(copy.subarray(fieldsEnd, crcOffset))) return null;
  const view = viewOf(copy);
  return {
    clusterId: copy.slice(16, 32),
    nodeId: copy.slice(32, 48),
    deviceId: copy.slice(48, 64),
    session: readU64(view, 64),
    createdMs: readU64(view, 72),
    number: view.getUint32(80, true),
  };
}
