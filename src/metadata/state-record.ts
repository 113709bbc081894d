/**
 * The records of the applied state, as they lie in the store. All integers are little-endian.
 *
 *   current record (under the stored user key)        history record (FF 'h' ...)
 *   offset  size  field                               offset  size  field
 *        0     4  crc                                      0     4  crc
 *        4     8  version                                  4     8  version
 *       12        value                                   12     8  until
 *                                                         20        value
 *
 *   versions of a key in the history (FF 'i' ...)     meta record (FF 'm')
 *        0     4  crc                                      0     4  crc
 *        4        pairs of version (8), until (8)          4     4  format
 *                                                          8    16  cluster id
 *                                                         24     8  applied index
 *                                                         32     8  ballot of that record
 *
 * The version of a value is the index of the log record that wrote it; `until` is the index of the
 * one that replaced it: a reader at R sees the history record with version <= R < until.
 * Each crc is the CRC32C of the user key (none for the meta record) continued over everything
 * after the crc, so that a record under a wrong key is caught like a damaged one. LevelDB does not
 * verify its own checksums when it reads for classic-level; these are checked at every read.
 *
 * Example: the value of 100 bytes of a 16-byte key takes 112 bytes.
 */
import { readU64, ThemisError, viewOf, writeU64 } from '../base/index.js';
import type { Kernel } from '../kernel/index.js';

export const currentHeaderBytes = 12;
export const historyHeaderBytes = 20;
export const stateFormat = 1;
export const clusterIdBytes = 16;
const crcBytes = 4;
const pairBytes = 16;
const metaBytes = 40;

/** Seals a record whose bytes after the crc are in place. */
export function sealRecord(
  kernel: Kernel,
  record: Uint8Array,
  offset: number,
  length: number,
  keyCrc: number,
): void {
  const crc = kernel.crc32c(record, offset + crcBytes, length - crcBytes, keyCrc);
  record[offset] = crc;
  record[offset + 1] = crc >>> 8;
  record[offset + 2] = crc >>> 16;
  record[offset + 3] = crc >>> 24;
}

/** Writes the version of a current or history record; the value's place is the caller's. */
export function writeVersion(record: Uint8Array, offset: number, version: number): void {
  const low = version >>> 0;
  const high = Math.floor(version / 2 ** 32);
  record[offset + 4] = low;
  record[offset + 5] = low >>> 8;
  record[offset + 6] = low >>> 16;
  record[offset + 7] = low >>> 24;
  record[offset + 8] = high;
  record[offset + 9] = high >>> 8;
  record[offset + 10] = high >>> 16;
  record[offset + 11] = 0;
}

/** The version of a current or history record that was checked; exact below 2^53. */
export function recordVersion(record: Uint8Array): number {
  return u32(record, 4) + u32(record, 8) * 2 ** 32;
}

/** Throws THEMIS_STATE_CORRUPT unless the current record belongs to the key and is undamaged. */
export function checkCurrent(kernel: Kernel, key: Uint8Array, record: Uint8Array): void {
  check(kernel, key, record, currentHeaderBytes);
}

/** The value of a current record that was checked, without a copy. */
export function currentValue(record: Buffer): Buffer {
  return record.subarray(currentHeaderBytes);
}

/** A complete current record, where speed does not matter. */
export function encodeCurrent(
  kernel: Kernel,
  key: Uint8Array,
  version: number,
  value: Uint8Array,
): Uint8Array {
  const record = new Uint8Array(currentHeaderBytes + value.length);
  writeVersion(record, 0, version);
  record.set(value, currentHeaderBytes);
  sealRecord(kernel, record, 0, record.length, kernel.crc32c(key, 0, key.length, 0));
  return record;
}

/** The history record of a value that was written at `version` and replaced at `until`. */
export function encodeHistory(
  kernel: Kernel,
  key: Uint8Array,
  span: VersionSpan,
  value: Uint8Array,
): Uint8Array {
  const record = new Uint8Array(historyHeaderBytes + value.length);
  const view = viewOf(record);
  writeU64(view, 4, span.version);
  writeU64(view, 12, span.until);
  record.set(value, historyHeaderBytes);
  sealRecord(kernel, record, 0, record.length, kernel.crc32c(key, 0, key.length, 0));
  return record;
}

/** When a value was the current one: from `version` on, before `until`. */
export interface VersionSpan {
  readonly version: number;
  readonly until: number;
}

/** The span and value of a history record. Throws THEMIS_STATE_CORRUPT. */
export function decodeHistory(
  kernel: Kernel,
  key: Uint8Array,
  record: Buffer,
): VersionSpan & { readonly value: Buffer } {
  check(kernel, key, record, historyHeaderBytes);
  const view = viewOf(record);
  return {
    version: readU64(view, 4),
    until: readU64(view, 12),
    value: record.subarray(historyHeaderBytes),
  };
}

export function encodeVersions(
  kernel: Kernel,
  key: Uint8Array,
  spans: readonly VersionSpan[],
): Uint8Array {
  const record = new Uint8Array(crcBytes + spans.length * pairBytes);
  const view = viewOf(record);
  spans.forEach((span, i) => {
    writeU64(view, crcBytes + i * pairBytes, span.version);
    writeU64(view, crcBytes + i * pairBytes + 8, span.until);
  });
  sealRecord(kernel, record, 0, record.length, kernel.crc32c(key, 0, key.length, 0));
  return record;
}

/** What the history holds of a key. Throws THEMIS_STATE_CORRUPT. */
export function decodeVersions(kernel: Kernel, key: Uint8Array, record: Uint8Array): VersionSpan[] {
  check(kernel, key, record, crcBytes);
  if ((record.length - crcBytes) % pairBytes !== 0) throw corrupt('a list of versions', key);
  const view = viewOf(record);
  const spans: VersionSpan[] = [];
  for (let at = crcBytes; at < record.length; at += pairBytes) {
    spans.push({ version: readU64(view, at), until: readU64(view, at + 8) });
  }
  return spans;
}

export interface StateMeta {
  readonly format: number;
  readonly clusterId: Uint8Array;
  /** Index of the last record whose effects the state contains. */
  readonly appliedIndex: number;
  readonly appliedBallot: number;
}

export function encodeMeta(kernel: Kernel, meta: StateMeta): Uint8Array {
  const record = new Uint8Array(metaBytes);
  const view = viewOf(record);
  view.setUint32(4, meta.format, true);
  record.set(meta.clusterId, 8);
  writeU64(view, 24, meta.appliedIndex);
  writeU64(view, 32, meta.appliedBallot);
  sealRecord(kernel, record, 0, metaBytes, 0);
  return record;
}

/** Throws THEMIS_STATE_CORRUPT; any format's meta record begins with crc and format. */
export function decodeMeta(kernel: Kernel, record: Uint8Array): StateMeta {
  if (record.length < 8 || !hasValidCrc(kernel, record, 0)) throw corruptMeta();
  const view = viewOf(record);
  const format = view.getUint32(4, true);
  if (format === stateFormat && record.length !== metaBytes) throw corruptMeta();
  if (format !== stateFormat) {
    return { format, clusterId: new Uint8Array(clusterIdBytes), appliedIndex: 0, appliedBallot: 0 };
  }
  return {
    format,
    clusterId: Uint8Array.from(record.subarray(8, 8 + clusterIdBytes)),
    appliedIndex: readU64(view, 24),
    appliedBallot: readU64(view, 32),
  };
}

function check(kernel: Kernel, key: Uint8Array, record: Uint8Array, headerBytes: number): void {
  if (record.length >= headerBytes) {
    const keyCrc = kernel.crc32c(key, 0, key.length, 0);
    if (hasValidCrc(kernel, record, keyCrc)) return;
  }
  throw corrupt('a record', key);
}

function hasValidCrc(kernel: Kernel, record: Uint8Array, seed: number): boolean {
  return kernel.crc32c(record, crcBytes, record.length - crcBytes, seed) === u32(record, 0);
}

/** The error for damage in what is stored of a key. */
export function corrupt(what: string, key: Uint8Array): ThemisError {
  const name = Buffer.from(key.subarray(0, 32)).toString('hex');
  return new ThemisError(
    'THEMIS_STATE_CORRUPT',
    `The state is damaged: ${what} of key 0x${name} failed its check; reopen to rebuild it.`,
  );
}

function corruptMeta(): ThemisError {
  return new ThemisError(
    'THEMIS_STATE_CORRUPT',
    'The state is damaged: its meta record failed its check; the state has to be rebuilt.',
  );
}

function u32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) |
      ((bytes[offset + 1] as number) << 8) |
      ((bytes[offset + 2] as number) << 16) |
      ((bytes[offset + 3] as number) << 24)) >>>
    0
  );
}
