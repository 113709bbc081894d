/**
 * A command: the payload of a `command` record, one atomic batch of puts and deletes.
 *
 *   offset  size  field
 *        0     4  operations      how many follow
 *        4     4  zero
 *   then for each operation, each padded with zeros to a multiple of 4:
 *        0     1  kind            1 put, 2 delete, 3 blob: a put whose value is a manifest
 *        1     3  keyBytes        length of the key (at most 16 KiB)
 *        4     4  valueBytes      length of the value; 0 for a delete
 *        8        key, then value
 *
 * All integers are little-endian. Example: put of a 16-byte key and a 100-byte value takes
 * 8 + 16 + 100 = 124 bytes; with the command's header 132.
 * The version of a command's writes is the index of its record.
 */
import { manifestBytesMin } from './stored-value.js';

export const commandHeaderBytes = 8;
export const operationHeaderBytes = 8;
export const operationKinds = { put: 1, delete: 2, blob: 3 } as const;

/** Bytes that one operation takes inside a command. */
export function operationBytes(keyBytes: number, valueBytes: number): number {
  return (operationHeaderBytes + keyBytes + valueBytes + 3) & ~3;
}

/** Writes a command's header; returns where its first operation goes. */
export function writeCommandHeader(memory: Uint8Array, offset: number, operations: number): number {
  writeU32(memory, offset, operations);
  writeU32(memory, offset + 4, 0);
  return offset + commandHeaderBytes;
}

/** Writes one operation, padding included; returns where the next one goes. */
export function writeOperation(
  memory: Uint8Array,
  offset: number,
  kind: number,
  key: Uint8Array,
  value: Uint8Array | null,
): number {
  const valueBytes = value === null ? 0 : value.length;
  const keyAt = offset + operationHeaderBytes;
  const valueAt = keyAt + key.length;
  const end = valueAt + valueBytes;
  const next = offset + operationBytes(key.length, valueBytes);
  writeU32(memory, offset, kind | (key.length << 8));
  writeU32(memory, offset + 4, valueBytes);
  copyInto(memory, keyAt, key);
  if (value !== null) copyInto(memory, valueAt, value);
  for (let i = end; i < next; i++) memory[i] = 0;
  return next;
}

export function commandOperations(memory: Uint8Array, offset: number): number {
  return readU32(memory, offset);
}

export function operationKind(memory: Uint8Array, offset: number): number {
  return memory[offset] as number;
}

export function operationKeyBytes(memory: Uint8Array, offset: number): number {
  return readU32(memory, offset) >>> 8;
}

export function operationValueBytes(memory: Uint8Array, offset: number): number {
  return readU32(memory, offset + 4);
}

/** Where the operation after this one starts, if there is one. */
export function nextOperation(memory: Uint8Array, offset: number): number {
  return (
    offset + operationBytes(operationKeyBytes(memory, offset), operationValueBytes(memory, offset))
  );
}

/**
 * Checks that the command in [offset, offset + length) is well formed, so that whoever walks its
 * operations afterwards stays inside it. Returns the number of operations, or -1 when it is not.
 */
export function checkCommand(memory: Uint8Array, offset: number, length: number): number {
  if (length < commandHeaderBytes || offset + length > memory.length) return -1;
  const count = commandOperations(memory, offset);
  const end = offset + length;
  let at = offset + commandHeaderBytes;
  for (let i = 0; i < count; i++) {
    if (at + operationHeaderBytes > end) return -1;
    const kind = operationKind(memory, at);
    if (kind < operationKinds.put || kind > operationKinds.blob) return -1;
    if (kind === operationKinds.delete && operationValueBytes(memory, at) !== 0) return -1;
    if (kind === operationKinds.blob && operationValueBytes(memory, at) < manifestBytesMin)
      return -1;
    // The padded size of a valid operation is below 2^31; a wild length must not overflow it.
    if (operationValueBytes(memory, at) > length) return -1;
    at = nextOperation(memory, at);
  }
  return at === end ? count : -1;
}

/** Below this, a plain loop beats the set-up cost of TypedArray.prototype.set. */
const loopBytesMax = 48;

function copyInto(memory: Uint8Array, offset: number, bytes: Uint8Array): void {
  const length = bytes.length;
  if (length > loopBytesMax) {
    memory.set(bytes, offset);
    return;
  }
  for (let i = 0; i < length; i++) memory[offset + i] = bytes[i] as number;
}

function readU32(memory: Uint8Array, offset: number): number {
  return (
    ((memory[offset] as number) |
      ((memory[offset + 1] as number) << 8) |
      ((memory[offset + 2] as number) << 16) |
      ((memory[offset + 3] as number) << 24)) >>>
    0
  );
}

function writeU32(memory: Uint8Array, offset: number, value: number): void {
  memory[offset] = value;
  memory[offset + 1] = value >>> 8;
  memory[offset + 2] = value >>> 16;
  memory[offset + 3] = value >>> 24;
}
