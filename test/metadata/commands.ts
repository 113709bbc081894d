/** Commands and rings for the tests of the state. */

import {
  commandHeaderBytes,
  operationBytes,
  operationKinds,
  writeCommandHeader,
  writeOperation,
} from '../../src/metadata/index.js';
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
  return changes.map(({ key, value }) => {
    const start = at;
    const kind = value === null ? operationKinds.delete : operationKinds.put;
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
