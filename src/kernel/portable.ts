/**
 * The portable kernel: CRC32C in TypeScript, slicing by 16. Sixteen bytes are sixteen table lookups
 * that do not wait for each other.
 *
 * Words are read through a DataView: it takes any alignment, and either byte order of the machine.
 * Making the view costs as much as some 150 bytes of work, so short ranges are read byte by byte.
 */
import { checkPairs, checkRanges, isRange, refuseRange } from './arguments.js';
import type { Kernel } from './kernel.js';

/** Below this many bytes a DataView is not worth making. */
const viewBytesMin = 384;

/** tables[k][b] is the CRC of byte b followed by k zero bytes. */
function makeTables(): Int32Array[] {
  const tables: Int32Array[] = [];
  for (let k = 0; k < 16; k++) {
    const before = tables[k - 1];
    const table = new Int32Array(256);
    for (let byte = 0; byte < 256; byte++) {
      let crc = before === undefined ? byte : (before[byte] as number);
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
      table[byte] = crc;
    }
    tables.push(table);
  }
  return tables;
}

interface Slicing {
  /** Whole blocks of 16 bytes, length % 16 === 0, from and to a raw register. */
  blocks(view: DataView, length: number, register: number): number;
  /** Bytes [from, end), from and to a raw register. */
  short(bytes: Uint8Array, from: number, end: number, register: number): number;
}

/**
 * The loops, closed over their tables: V8 compiles what a closure holds into the code as constants,
 * which makes them a quarter faster than tables of the module.
 */
function makeSlicing(tables: readonly Int32Array[]): Slicing {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as Eight;
  const [t8, t9, t10, t11, t12, t13, t14, t15] = tables.slice(8) as Eight;

  function blocks(view: DataView, length: number, register: number): number {
    let crc = register;
    for (let at = 0; at < length; at += 16) {
      let x = view.getInt32(at + 4, true);
      let sum = at4(t11, x, 0) ^ at4(t10, x, 8) ^ at4(t9, x, 16) ^ at4(t8, x, 24);
      x = view.getInt32(at + 8, true);
      sum ^= at4(t7, x, 0) ^ at4(t6, x, 8) ^ at4(t5, x, 16) ^ at4(t4, x, 24);
      x = view.getInt32(at + 12, true);
      sum ^= at4(t3, x, 0) ^ at4(t2, x, 8) ^ at4(t1, x, 16) ^ at4(t0, x, 24);
      x = view.getInt32(at, true) ^ crc;
      crc = sum ^ at4(t15, x, 0) ^ at4(t14, x, 8) ^ (at4(t13, x, 16) ^ at4(t12, x, 24));
    }
    return crc;
  }

  function short(bytes: Uint8Array, from: number, end: number, register: number): number {
    let crc = register;
    let at = from;
    for (; end - at >= 8; at += 8) {
      const later =
        (t3[bytes[at + 4] as number] as number) ^
        (t2[bytes[at + 5] as number] as number) ^
        (t1[bytes[at + 6] as number] as number) ^
        (t0[bytes[at + 7] as number] as number);
      crc ^=
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      crc = later ^ at4(t7, crc, 0) ^ at4(t6, crc, 8) ^ (at4(t5, crc, 16) ^ at4(t4, crc, 24));
    }
    for (; at < end; at++) {
      crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number);
    }
    return crc;
  }

  return { blocks, short };
}

type Eight = [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** The entry of a table for the byte of `word` that starts at bit `shift`. */
function at4(table: Int32Array, word: number, shift: number): number {
  return table[(word >>> shift) & 0xff] as number;
}

const { blocks, short } = makeSlicing(makeTables());

/** CRC32C of a range that the caller has checked. */
function compute(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  let crc = ~seed;
  let at = offset;
  if (length >= viewBytesMin) {
    const whole = length - (length & 15);
    crc = blocks(new DataView(bytes.buffer, bytes.byteOffset + at, whole), whole, crc);
    at += whole;
  }
  return ~short(bytes, at, offset + length, crc) >>> 0;
}

/** The portable crc32c, for other kernels' short ranges too. See Kernel.crc32c. */
export function crc32cPortable(
  bytes: Uint8Array,
  offset: number,
  length: number,
  seed: number,
): number {
  if (!isRange(bytes, offset, length, seed)) refuseRange(bytes, offset, length, seed);
  return compute(bytes, offset, length, seed);
}

function crc32cRanges(
  bytes: Uint8Array,
  ranges: Uint32Array,
  count: number,
  results: Uint32Array,
): void {
  checkRanges(bytes, ranges, count, results);
  checkPairs(bytes, ranges, count);
  for (let i = 0; i < count; i++) {
    results[i] = compute(bytes, ranges[2 * i] as number, ranges[2 * i + 1] as number, 0);
  }
}

/** The portable kernel. */
export const portableKernel: Kernel = Object.freeze({
  name: 'portable',
  crc32c: crc32cPortable,
  crc32cRanges,
});
