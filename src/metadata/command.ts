/**
 * A command: the payload of a `command` record, one atomic batch of puts and deletes.
 *
 *   offset  size  field
 *        0     4  operations      how many follow
 *        4     4  zero
 *   then for each operation, each padded with zeros to a multiple of 4:
 *        0     1  kind            1 put, 2 delete
 *        1     3  keyBytes        length of the key (at most 16 KiB)
 *        4     4  valueBytes      length of the value; 0 for a delete
 *        8        key, then value
 *
 * All integers are little-endian. Example: put of a 16-byte key and a 100-byte value takes
 * 8 + 16 + 100 = 124 bytes; with the command's header 132.
 * The version of a command's writes is the index of its record.
 */
export const commandHeaderBytes = 8;
export const operationHeaderBytes = 8;
export const operationKinds = { put: 1, delete: 2 } as const;

/** Bytes that one operation takes inside a command. */
export function operationBytes(keyBytes: number, valueBytes: number): number {
  return (operationHeaderBytes + keyBytes + valueBytes + 3) & ~3;
}
