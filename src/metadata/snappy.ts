/**
 * Decompression of one Snappy block, as LevelDB stores its index blocks.
 *
 *   varint length, then elements; the low two bits of an element's first byte say what it is:
 *   00 literal   length - 1 in the upper six bits, or 60..63: in the 1..4 bytes that follow
 *   01 copy      length - 4 in bits 2..4, offset in bits 5..7 (high) and the next byte
 *   10 copy      length - 1 in the upper six bits, offset in the next two bytes
 *   11 copy      length - 1 in the upper six bits, offset in the next four bytes
 */
import { ByteCursor } from './byte-cursor.js';

/** The decompressed bytes, or null when the input is malformed or gives more than `most` bytes. */
export function snappyDecompress(input: Uint8Array, most: number): Uint8Array | null {
  const cursor = new ByteCursor(input);
  const length = cursor.varint();
  if (cursor.bad || length > most) return null;
  const output = new Uint8Array(length);
  let filled = 0;
  while (!cursor.ended) {
    const tag = cursor.take(1)[0] as number;
    if ((tag & 3) === 0) {
      const short = tag >>> 2;
      const count = (short < 60 ? short : littleEndian(cursor.take(short - 59))) + 1;
      if (filled + count > length) return null;
      output.set(cursor.take(count), filled);
      filled += count;
      continue;
    }
    const count = (tag & 3) === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset =
      (tag & 3) === 1
        ? ((tag >>> 5) << 8) | littleEndian(cursor.take(1))
        : littleEndian(cursor.take((tag & 3) === 2 ? 2 : 4));
    if (offset === 0 || offset > filled || filled + count > length) return null;
    // Byte by byte: a copy may overlap what it writes, which repeats a pattern.
    for (let i = 0; i < count; i++, filled++) output[filled] = output[filled - offset] as number;
  }
  return cursor.bad || filled !== length ? null : output;
}

function littleEndian(bytes: Uint8Array): number {
  let value = 0;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + (bytes[i] as number);
  return value;
}
