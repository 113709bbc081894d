/**
 * The table of devices: the file `devices` in the data folder, twice the same (twin-file.ts). It is
 * the store's memory of its devices: what it compares the folders with that it finds at an open.
 *
 *   offset  size  field
 *        0     8  magic         "THEMISDT"
 *        8     4  version       1
 *       12     4  checksum      1 = CRC32C
 *       16    16  clusterId
 *       32    16  nodeId
 *       48     8  session       the highest that was ever given; blobs are named by it
 *       56     4  nextNumber    for the next new device; numbers are never used twice
 *       60     4  rows
 *       64        rows, back to back; then zeros
 *     last     4  CRC32C of everything before, where the copy ends on a block of 4 KiB
 *
 *   row, offset  size  field
 *             0     4  number
 *             4     1  role         0 active, 1 spare, 2 replaced
 *             5     1  rebuilding   1: not all that belongs there is there yet
 *             6     2  pathBytes
 *             8     8  session      of the last open that wrote to it
 *            16    16  deviceId
 *            32        path         UTF-8; begins with ./ for a folder inside the data folder
 *
 * So a data folder that is moved, or restored elsewhere, finds the devices that moved with it, and
 * a copy of it never takes those of the original.
 *
 * A store whose table is lost in both copies makes a new one from the identities that it finds.
 */
import { alignUp, bufferOf, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import { type BlockFormat, type Kernel, sealBlock } from '../kernel/index.js';
import type { Owner } from './device-identity.js';
import { isSound, readTwin, type TwinRead, writeTwin } from './twin-file.js';

export const tableName = 'devices';

const format: BlockFormat = { magic: 'THEMISDT', version: 1 };
const rowsOffset = 64;
const rowHeaderBytes = 32;

/**
 * `replaced`: it failed, and a spare took its place. It takes no fragments; once it is not needed,
 * the table alone remembers it, so that whatever its folder holds by then is no surprise.
 */
export type DeviceRole = 'active' | 'spare' | 'replaced';

/** By their codes in the table. */
const roles: readonly DeviceRole[] = ['active', 'spare', 'replaced'];

export interface DeviceRow {
  readonly number: number;
  readonly role: DeviceRole;
  readonly isRebuilding: boolean;
  readonly session: number;
  readonly deviceId: Uint8Array;
  readonly path: string;
}

export interface DeviceTable extends Owner {
  readonly session: number;
  readonly nextNumber: number;
  readonly rows: readonly DeviceRow[];
}

/** Throws THEMIS_FORMAT_NEWER and the system's errors. */
export function readTable(
  fileSystem: FileSystem,
  directory: string,
  kernel: Kernel,
): TwinRead<DeviceTable> {
  const path = `${directory}/${tableName}`;
  const read = readTwin(fileSystem, path, (copy) => decodeTable(kernel, copy, path));
  if (read.kind !== 'valid') return read;
  return { ...read, value: withPaths(read.value, (stored) => wholePath(directory, stored)) };
}

/** Durable when it returns. */
export function writeTable(
  fileSystem: FileSystem,
  directory: string,
  kernel: Kernel,
  table: DeviceTable,
): void {
  const stored = withPaths(table, (path) => storedPath(directory, path));
  writeTwin(fileSystem, `${directory}/${tableName}`, encodeTable(kernel, stored));
}

const inside = './';

function storedPath(directory: string, path: string): string {
  const isInside = path.startsWith(`${directory}/`);
  return isInside ? inside + path.slice(directory.length + 1) : path;
}

function wholePath(directory: string, stored: string): string {
  return stored.startsWith(inside) ? `${directory}/${stored.slice(inside.length)}` : stored;
}

function withPaths(table: DeviceTable, change: (path: string) => string): DeviceTable {
  return { ...table, rows: table.rows.map((row) => ({ ...row, path: change(row.path) })) };
}

export function encodeTable(kernel: Kernel, table: DeviceTable): Uint8Array {
  const paths = table.rows.map(({ path }) => Buffer.from(path, 'utf8'));
  const used = paths.reduce((sum, path) => sum + rowHeaderBytes + path.length, rowsOffset);
  const copy = new Uint8Array(alignUp(used + 4, limits.blockBytes));
  const view = viewOf(copy);
  copy.set(table.clusterId, 16);
  copy.set(table.nodeId, 32);
  writeU64(view, 48, table.session);
  view.setUint32(56, table.nextNumber, true);
  view.setUint32(60, table.rows.length, true);
  let at = rowsOffset;
  for (const [i, row] of table.rows.entries()) {
    const path = paths[i] as Buffer;
    view.setUint32(at, row.number, true);
    view.setUint8(at + 4, roles.indexOf(row.role));
    view.setUint8(at + 5, row.isRebuilding ? 1 : 0);
    view.setUint16(at + 6, path.length, true);
    writeU64(view, at + 8, row.session);
    copy.set(row.deviceId, at + 16);
    copy.set(path, at + rowHeaderBytes);
    at += rowHeaderBytes + path.length;
  }
  sealBlock(kernel, copy, format);
  return copy;
}

/** Null when the copy is damaged. */
function decodeTable(kernel: Kernel, copy: Uint8Array, path: string): DeviceTable | null {
  if (!isSound(kernel, copy, format, path)) return null;
  const view = viewOf(copy);
  const rowsEnd = copy.length - 4;
  const count = view.getUint32(60, true);
  const rows: DeviceRow[] = [];
  for (let at = rowsOffset; rows.length < count; ) {
    if (at + rowHeaderBytes > rowsEnd) return null;
    const pathEnd = at + rowHeaderBytes + view.getUint16(at + 6, true);
    const role = roles[view.getUint8(at + 4)];
    if (pathEnd > rowsEnd || role === undefined) return null;
    rows.push({
      number: view.getUint32(at, true),
      role,
      isRebuilding: view.getUint8(at + 5) === 1,
      session: readU64(view, at + 8),
      deviceId: copy.slice(at + 16, at + 32),
      path: bufferOf(copy).toString('utf8', at + rowHeaderBytes, pathEnd),
    });
    at = pathEnd;
  }
  return {
    clusterId: copy.slice(16, 32),
    nodeId: copy.slice(32, 48),
    session: readU64(view, 48),
    nextNumber: view.getUint32(56, true),
    rows,
  };
}
