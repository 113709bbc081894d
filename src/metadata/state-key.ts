/**
 * Where things lie in the key space of the store that holds the applied state.
 *
 *   user key               stored key
 *   (anything else)        itself, without a copy
 *   FE ...                 FE FE ...
 *   FF ...                 FE FF ...
 *
 *   reserved               stored key
 *   meta record            FF 'm'
 *   versions of a key      FF 'i' + escaped user key
 *   history record         FF 'h' + escaped user key + version (u64, big-endian)
 *   registry of a blob     FF 'b' + number of the blob (u64, big-endian)
 *
 * The order of user keys is kept: keys that start below FE come first and stay as they are, those
 * that start with FE come next and those with FF last, as they did before. Everything reserved is
 * above every stored user key.
 *
 * Escaping makes a key self-delimiting and keeps its order: 00 becomes 00 FF, and 00 00 ends it.
 * Example: the key 61 00 is escaped as 61 00 FF 00 00.
 */
import { assert } from '../base/index.js';

const escapeByte = 0xfe;
const reservedByte = 0xff;
const versionBytes = 8;

export const metaKey: Uint8Array = Uint8Array.of(reservedByte, 0x6d);
const historyTag = 0x68;
const versionsTag = 0x69;
const blobTag = 0x62;

/** Every stored user key is below this one. */
export const userKeysEnd: Uint8Array = Uint8Array.of(reservedByte);
export const historyRange = {
  gte: Uint8Array.of(reservedByte, historyTag),
  lt: Uint8Array.of(reservedByte, historyTag + 1),
} as const;
export const versionsRange = {
  gte: Uint8Array.of(reservedByte, versionsTag),
  lt: Uint8Array.of(reservedByte, versionsTag + 1),
} as const;

export const blobRange = {
  gte: Uint8Array.of(reservedByte, blobTag),
  lt: Uint8Array.of(reservedByte, blobTag + 1),
} as const;

/** The key of what the registry says about a blob. */
export function blobKey(blob: number): Uint8Array {
  const stored = new Uint8Array(2 + 8);
  stored[0] = reservedByte;
  stored[1] = blobTag;
  const view = new DataView(stored.buffer, 2);
  view.setUint32(0, Math.floor(blob / 2 ** 32));
  view.setUint32(4, blob >>> 0);
  return stored;
}

/** The number of the blob in a key of the registry; null when it is malformed. */
export function blobOfKey(stored: Buffer): number | null {
  if (stored.length !== 2 + 8) return null;
  return stored.readUInt32BE(2) * 2 ** 32 + stored.readUInt32BE(6);
}

/** The stored key of a user key: itself unless it starts with FE or FF. */
export function toStoredKey(key: Uint8Array): Uint8Array {
  if (key.length === 0 || (key[0] as number) < escapeByte) return key;
  const stored = new Uint8Array(key.length + 1);
  stored[0] = escapeByte;
  stored.set(key, 1);
  return stored;
}

/** The user key of a stored key, without a copy. */
export function toUserKey(stored: Buffer): Buffer {
  if (stored.length === 0 || (stored[0] as number) < escapeByte) return stored;
  return stored.subarray(1);
}

/** The key of the list of versions that the history holds of a user key. */
export function versionsKey(key: Uint8Array): Uint8Array {
  return escapedKey(versionsTag, key, 0);
}

/** The key of the history record with this version of a user key. */
export function historyKey(key: Uint8Array, version: number): Uint8Array {
  const stored = escapedKey(historyTag, key, versionBytes);
  const view = new DataView(stored.buffer, stored.length - versionBytes);
  view.setUint32(0, Math.floor(version / 2 ** 32));
  view.setUint32(4, version >>> 0);
  return stored;
}

/** A bound in the history space that lies where the user key lies among user keys. */
export function historyBound(key: Uint8Array): Uint8Array {
  return escapedKey(historyTag, key, 0);
}

/** The highest place that history of this user key may have; where a reverse seek starts. */
export function historyEnd(key: Uint8Array): Uint8Array {
  const bound = escapedKey(historyTag, key, versionBytes);
  return bound.fill(0xff, bound.length - versionBytes);
}

/** A bound above all history of this user key and below that of every greater one. */
export function historyBoundAfter(key: Uint8Array): Uint8Array {
  const bound = escapedKey(historyTag, key, 0);
  bound[bound.length - 1] = 1;
  return bound;
}

/** The user key of a reserved key that has one, or null when it is malformed. */
export function userKeyOfReserved(stored: Uint8Array): Buffer | null {
  let escapes = 0;
  for (let i = 2; i + 1 < stored.length; i++) {
    if (stored[i] !== 0) continue;
    const next = stored[i + 1] as number;
    if (next === 0) return unescaped(stored, i, escapes);
    if (next !== 0xff) return null;
    escapes++;
    i++;
  }
  return null;
}

function unescaped(stored: Uint8Array, end: number, escapes: number): Buffer {
  const key = Buffer.alloc(end - 2 - escapes);
  let at = 0;
  for (let i = 2; i < end; i++) {
    const byte = stored[i] as number;
    key[at++] = byte;
    if (byte === 0) i++;
  }
  assert(at === key.length, 'an escaped key has the length that was counted');
  return key;
}

function escapedKey(tag: number, key: Uint8Array, suffixBytes: number): Uint8Array {
  let zeros = 0;
  for (let i = 0; i < key.length; i++) if (key[i] === 0) zeros++;
  const stored = new Uint8Array(2 + key.length + zeros + 2 + suffixBytes);
  stored[0] = reservedByte;
  stored[1] = tag;
  let at = 2;
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] as number;
    stored[at++] = byte;
    if (byte === 0) stored[at++] = 0xff;
  }
  return stored;
}
