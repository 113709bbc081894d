/**
 * Compares the folders that an open finds with what the table remembers, and decides what each is.
 *
 *   folder       known by its path   what it becomes
 *   empty        no                  a new device, made when the first blob is written
 *   missing      no                  the same
 *   empty        yes                 another device in the place of the old one: rebuilding
 *   missing      yes                 the device it was: failed until it comes back
 *   unreadable, damaged, strange     yes: failed; no: THEMIS_FOLDER_INVALID
 *   any but empty, of one that was replaced: left out, nothing is expected of it
 *
 *   identity     in the table        what it becomes
 *   of others    -                   THEMIS_FOLDER_FOREIGN
 *   twice        -                   THEMIS_DEVICE_DUPLICATE
 *   ours         yes, same session   what the table says: healthy, or rebuilding
 *   ours         yes, older session  restored from an older copy: rebuilding
 *   ours         no                  one that was removed: rebuilding
 *   ours         yes, replaced       it came back, and is used again: rebuilding
 *
 * Devices are known by their id, so paths in another order, or moved, change nothing.
 */
import { bufferOf, ThemisError, unreachable } from '../base/index.js';
import type { DeviceIdentity, Owner } from './device-identity.js';
import { type DeviceState, healthy } from './device-state.js';
import type { DeviceRole, DeviceRow, DeviceTable } from './device-table.js';
import type { FoundFolder } from './recognition.js';

export interface FolderAtPath {
  readonly path: string;
  readonly role: DeviceRole;
  readonly found: FoundFolder;
}

export interface RecognizedDevice {
  readonly path: string;
  readonly role: DeviceRole;
  readonly state: DeviceState;
  /** Null: a new one. */
  readonly number: number | null;
  /** Null: not a device yet, or it cannot be read. */
  readonly identity: DeviceIdentity | null;
  /** The id by which the table knows it, when it cannot be read. */
  readonly knownId: Uint8Array | null;
}

/** `table` is null when there is none, or none that can be read. */
export function recognizeDevices(
  folders: readonly FolderAtPath[],
  table: DeviceTable | null,
  owner: Owner,
): RecognizedDevice[] {
  refuseForeign(folders, owner);
  refuseDoubled(folders);
  return folders.flatMap((folder) => recognize(folder, folders, table) ?? []);
}

function recognize(
  { path, role, found }: FolderAtPath,
  folders: readonly FolderAtPath[],
  table: DeviceTable | null,
): RecognizedDevice | null {
  const before = knownByPath(path, folders, table);
  // An empty folder is taken only where somebody names it.
  const isExpected = found.kind === 'device' || (found.kind === 'empty' && role !== 'replaced');
  if (before?.role === 'replaced' && !isExpected) return null;
  const fresh = { path, role, number: null, identity: null, knownId: null };
  switch (found.kind) {
    case 'device':
      return recognizeIdentity({ path, role, identity: found.identity }, folders, table);
    case 'empty':
      if (before === undefined) return { ...fresh, state: healthy };
      return { ...fresh, state: rebuilding(`it replaces device ${before.number}`) };
    case 'missing':
      if (before === undefined) return { ...fresh, state: healthy };
      return lost(fresh, before, 'vanished', 'its folder is missing');
    case 'unreadable':
      return lost(fresh, before, 'vanished', `its folder cannot be read (${found.why})`);
    case 'damaged':
      return lost(fresh, before, 'broken', 'its identity is damaged in both copies');
    case 'strange':
      return lost(fresh, before, 'broken', `its folder holds ${found.name}, but no identity`);
    default:
      return unreachable(found);
  }
}

function recognizeIdentity(
  device: Pick<RecognizedDevice, 'path' | 'role'> & { readonly identity: DeviceIdentity },
  folders: readonly FolderAtPath[],
  table: DeviceTable | null,
): RecognizedDevice {
  const { identity } = device;
  const row = table?.rows.find(({ deviceId }) => isSame(deviceId, identity.deviceId));
  // A spare that became active stays so, wherever its folder is named; what came back is used.
  const isActive = row?.role === 'active' || device.role === 'replaced';
  const role = isActive ? 'active' : device.role;
  const known = { ...device, role, number: row?.number ?? null, knownId: null };
  if (row === undefined) {
    // Without a table, the devices vouch for each other.
    const newest = Math.max(...sessions(folders));
    const state =
      table === null && identity.session === newest
        ? healthy
        : rebuilding('the store did not know it any more');
    return { ...known, state, number: table === null ? ownNumber(identity, folders) : null };
  }
  if (identity.session < row.session) {
    const why = `it is of session ${identity.session}, the store saw it in ${row.session}`;
    return { ...known, state: rebuilding(`${why}: an older copy`) };
  }
  if (row.role === 'replaced') return { ...known, state: rebuilding('it had been replaced') };
  return { ...known, state: row.isRebuilding ? rebuilding('it was rebuilt before') : healthy };
}

/** The number that a device says it had, unless another says so too. */
function ownNumber({ number }: DeviceIdentity, folders: readonly FolderAtPath[]): number | null {
  const claims = folders.filter(
    ({ found }) => found.kind === 'device' && found.identity.number === number,
  );
  return claims.length === 1 ? number : null;
}

/** Devices of the table that none of the folders is, nor was. */
export function unnamedRows(
  rows: readonly DeviceRow[],
  folders: readonly FolderAtPath[],
): DeviceRow[] {
  return rows.filter(({ path, deviceId }) =>
    folders.every(
      (folder) =>
        folder.path !== path &&
        !(folder.found.kind === 'device' && isSame(folder.found.identity.deviceId, deviceId)),
    ),
  );
}

/** The device that was at the path, unless it is at another one now. */
function knownByPath(
  path: string,
  folders: readonly FolderAtPath[],
  table: DeviceTable | null,
): DeviceRow | undefined {
  const row = table?.rows.find((one) => one.path === path);
  if (row === undefined) return undefined;
  const isElsewhere = folders.some(
    ({ found }) => found.kind === 'device' && isSame(found.identity.deviceId, row.deviceId),
  );
  return isElsewhere ? undefined : row;
}

function lost(
  fresh: Pick<RecognizedDevice, 'path' | 'role'>,
  before: DeviceRow | undefined,
  cause: 'vanished' | 'broken',
  why: string,
): RecognizedDevice {
  if (before === undefined) {
    const advice = 'Give an empty folder, or one that this store made a device.';
    throw new ThemisError('THEMIS_FOLDER_INVALID', `${fresh.path} is no device: ${why}. ${advice}`);
  }
  const { number, deviceId: knownId } = before;
  return { ...fresh, number, identity: null, knownId, state: { kind: 'failed', cause, why } };
}

function refuseForeign(folders: readonly FolderAtPath[], owner: Owner): void {
  for (const { path, found } of folders) {
    if (found.kind === 'device') checkOwner(path, found.identity, owner);
  }
}

/** Throws THEMIS_FOLDER_FOREIGN when the device belongs to another store. */
export function checkOwner(path: string, identity: Owner, owner: Owner): void {
  for (const part of ['clusterId', 'nodeId'] as const) {
    if (isSame(identity[part], owner[part])) continue;
    const what = part === 'clusterId' ? 'cluster' : 'store';
    const [its, own] = [identity, owner].map((one) => bufferOf(one[part]).toString('hex'));
    throw new ThemisError(
      'THEMIS_FOLDER_FOREIGN',
      `Device ${path} belongs to ${what} ${its}, not to ${own}. Give an empty folder instead.`,
    );
  }
}

function refuseDoubled(folders: readonly FolderAtPath[]): void {
  const seen = new Map<string, string>();
  for (const { path, found } of folders) {
    const isTwice = folders.filter((other) => other.path === path).length > 1;
    if (isTwice) {
      throw new ThemisError('THEMIS_DEVICE_DUPLICATE', `${path} is given twice; give it once.`);
    }
    if (found.kind !== 'device') continue;
    const id = bufferOf(found.identity.deviceId).toString('hex');
    const other = seen.get(id);
    if (other !== undefined) {
      throw new ThemisError(
        'THEMIS_DEVICE_DUPLICATE',
        `${other} and ${path} are the same device, or copies of one; leave one of them out.`,
      );
    }
    seen.set(id, path);
  }
}

function sessions(folders: readonly FolderAtPath[]): number[] {
  return folders.map(({ found }) => (found.kind === 'device' ? found.identity.session : 0));
}

function rebuilding(why: string): DeviceState {
  return { kind: 'rebuilding', isFull: false, why };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return bufferOf(a).equals(b);
}
