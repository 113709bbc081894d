/**
 * The records of the applied state, as they lie in the store. All integers are little-endian.
 *
 *   current record (under the stored user key)        history record (FF 'h' ...)
 *   offset  size  field                               offset  size  field
 *        0     4  crc                                      0     4  crc
 *        4     7  version                                  4     7  version
 *       11     1  kind                                    11     1  kind
 *       12        value                                   12     8  until
 *                                                         20        value
 *
 *   versions of a key in the history (FF 'i' ...)     meta record (FF 'm')
 *        0     4  crc                                      0     4  crc
 *        4        version (7), kind (1), until (8)         4     4  format
 *                 for each                                 8    16  cluster id
 *                                                         24     8  applied index
 *                                                         32     8  ballot of that record
 *
 *   registry record of a blob (FF 'b' ...)
 *   offset  size  field
 *        0     4  crc             seeded with the number of the blob, not with a key
 *        4     4  keyBytes
 *        8        user key, then manifest
 *
 * The kind of a value is 0 for the value itself and 1 for the manifest of a blob.
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
import { BlobReference, manifestBytesMin, type StoredValue } from './stored-value.js';

export const currentHeaderBytes = 12;
export const historyHeaderBytes = 20;
export const stateFormat = 2;
export const clusterIdBytes = 16;
const crcBytes = 4;
const blobEntryHeaderBytes = 8;
const pairBytes = 16;
const kindOffset = 7;
/** Kinds of stored values. */
export const valueKinds = { inline: 0, blob: 1 } as const;
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

/** Writes version and kind of a current or history record; the value's place is the caller's. */
export function writeVersion(
  record: Uint8Array,
  offset: number,
  version: number,
  kind: number,
): void {
  const low = version >>> 0;
  const high = Math.floor(version / 2 ** 32);
  record[offset + 4] = low;
  record[offset + 5] = low >>> 8;
  record[offset + 6] = low >>> 16;
  record[offset + 7] = low >>> 24;
  record[offset + 8] = high;
  record[offset + 9] = high >>> 8;
  record[offset + 10] = high >>> 16;
  record[offset + 11] = kind;
}

/** The version of a current or history record that was checked; exact below 2^53. */
export function recordVersion(record: Uint8Array): number {
  return versionIn(record, 4);
}

/** Throws THEMIS_STATE_CORRUPT unless the current record belongs to the key and is undamaged. */
export function checkCurrent(kernel: Kernel, key: Uint8Array, record: Uint8Array): void {
  check(kernel, key, record, currentHeaderBytes);
}

/** The value of a current record that was checked, without a copy. */
export function currentValue(record: Buffer): StoredValue {
  const bytes = valueBytes(record);
  return kindOfRecord(record) === valueKinds.blob ? new BlobReference(bytes) : bytes;
}

/** The bytes of a current record's value, whatever they mean. */
export function valueBytes(record: Buffer): Buffer {
  return record.subarray(currentHeaderBytes);
}

/** The kind of the value of a current or history record. */
export function kindOfRecord(record: Uint8Array): number {
  return record[4 + kindOffset] as number;
}

/** A complete current record, where speed does not matter. */
export function encodeCurrent(
  kernel: Kernel,
  key: Uint8Array,
  version: number,
  value: Uint8Array,
  kind: number,
): Uint8Array {
  const record = new Uint8Array(currentHeaderBytes + value.length);
  writeVersion(record, 0, version, kind);
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
  writeVersion(record, 0, span.version, kindOf(span.isBlob));
  writeU64(view, 12, span.until);
  record.set(value, historyHeaderBytes);
  sealRecord(kernel, record, 0, record.length, kernel.crc32c(key, 0, key.length, 0));
  return record;
}

/** When a value was the current one: from `version` on, before `until`. */
export interface VersionSpan {
  readonly version: number;
  readonly until: number;
  /** True when the value is the manifest of a blob. */
  readonly isBlob: boolean;
}

/** The span and value of a history record. Throws THEMIS_STATE_CORRUPT. */
export function decodeHistory(
  kernel: Kernel,
  key: Uint8Array,
  record: Buffer,
): VersionSpan & { readonly value: StoredValue } {
  check(kernel, key, record, historyHeaderBytes);
  const bytes = record.subarray(historyHeaderBytes);
  const isBlob = kindOfRecord(record) === valueKinds.blob;
  return {
    version: recordVersion(record),
    until: readU64(viewOf(record), 12),
    isBlob,
    value: isBlob ? new BlobReference(bytes) : bytes,
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
    writeVersion(record, i * pairBytes, span.version, kindOf(span.isBlob));
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
    const isBlob = record[at + kindOffset] === valueKinds.blob;
    spans.push({ version: versionIn(record, at), until: readU64(view, at + 8), isBlob });
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

/** What the registry says about a blob: the manifest, and the key that it is or was the value of. */
export interface BlobEntry {
  readonly blob: number;
  readonly key: Buffer;
  readonly manifest: Buffer;
}

export function encodeBlobEntry(
  kernel: Kernel,
  blob: number,
  key: Uint8Array,
  manifest: Uint8Array,
): Uint8Array {
  const record = new Uint8Array(blobEntryHeaderBytes + key.length + manifest.length);
  viewOf(record).setUint32(crcBytes, key.length, true);
  record.set(key, blobEntryHeaderBytes);
  record.set(manifest, blobEntryHeaderBytes + key.length);
  sealRecord(kernel, record, 0, record.length, blobSeed(kernel, blob));
  return record;
}

/** Throws THEMIS_STATE_CORRUPT. */
export function decodeBlobEntry(kernel: Kernel, blob: number, record: Buffer): BlobEntry {
  const damaged =
    record.length < blobEntryHeaderBytes || !hasValidCrc(kernel, record, blobSeed(kernel, blob));
  const keyEnd = damaged ? 0 : blobEntryHeaderBytes + u32(record, crcBytes);
  if (damaged || record.length < keyEnd + manifestBytesMin) {
    const message = `The state is damaged: what it knows of blob ${blob} failed its check; reopen to rebuild it.`;
    throw new ThemisError('THEMIS_STATE_CORRUPT', message);
  }
  const key = record.subarray(blobEntryHeaderBytes, keyEnd);
  return { blob, key, manifest: record.subarray(keyEnd) };
}

function blobSeed(kernel: Kernel, blob: number): number {
  const bytes = new Uint8Array(8);
  writeU64(viewOf(bytes), 0, blob);
  return kernel.crc32c(bytes, 0, bytes.length, 0);
}

function kindOf(isBlob: boolean): number {
  return isBlob ? valueKinds.blob : valueKinds.inline;
}

/** A version of seven bytes, beside the byte of its kind. */
function versionIn(bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset) + (u32(bytes, offset + 4) & 0xff_ffff) * 2 ** 32;
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
