/** Commands and rings for the tests of the state. */

import { viewOf, writeU64 } from '../../src/base/index.js';
import {
  blobOffset,
  commandHeaderBytes,
  operationBytes,
  operationKinds,
  writeCommandHeader,
  writeOperation,
} from '../../src/metadata/index.js';
import { manifestBytesMin } from '../../src/metadata/stored-value.js';
import {
  recordBytes,
  recordHeaderBytes,
  recordKinds,
  writeRecordHeader,
} from '../../src/wal/index.js';

export interface Change {
  readonly key: Uint8Array;
  /** null deletes. */
  readonly value: Uint8Array | null;
  /** The value is the manifest of a blob. */
  readonly isBlob?: boolean;
}

/** A put of a blob, with a manifest that says nothing but its number. */
export function blobPut(key: Uint8Array, blob: number): Change {
  const value = new Uint8Array(manifestBytesMin + 4);
  writeU64(viewOf(value), blobOffset, blob);
  return { key, value, isBlob: true };
}

export function commandLength(changes: readonly Change[]): number {
  let length = commandHeaderBytes;
  for (const { key, value } of changes) length += operationBytes(key.length, value?.length ?? 0);
  return length;
}

/** Writes a command; returns the offset of each operation. */
export function writeCommand(
  memory: Uint8Array,
  offset: number,
  changes: readonly Change[],
): number[] {
  let at = writeCommandHeader(memory, offset, changes.length);
  return changes.map(({ key, value, isBlob = false }) => {
    const start = at;
    const put = isBlob ? operationKinds.blob : operationKinds.put;
    const kind = value === null ? operationKinds.delete : put;
    at = writeOperation(memory, at, kind, key, value);
    return start;
  });
}

export function commandOf(changes: readonly Change[]): Uint8Array {
  const bytes = new Uint8Array(commandLength(changes));
  writeCommand(bytes, 0, changes);
  return bytes;
}

/** Writes a whole record at an offset; returns the offsets of its operations. */
export function writeCommandRecord(
  memory: Uint8Array,
  offset: number,
  record: { readonly index: number; readonly ballot: number; readonly stream: number },
  changes: readonly Change[],
): number[] {
  const length = commandLength(changes);
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  writeRecordHeader(view, offset, { ...record, length, kind: recordKinds.command });
  return writeCommand(memory, offset + recordHeaderBytes, changes);
}

export function recordLength(changes: readonly Change[]): number {
  return recordBytes(commandLength(changes));
}
