/**
 * The checks that every TypeScript kernel makes before it touches anything, so that all tiers
 * refuse the same calls with the same words. (The addon checks again by itself: it must not trust.)
 */
import { ThemisError } from '../base/index.js';

function refuse(message: string): never {
  throw new ThemisError('THEMIS_KERNEL_ARGUMENT', `${message} Pass ranges inside their buffer.`);
}

/** Why crc32c refuses; called only when isRange said no, so it may be slow. */
export function refuseRange(
  bytes: unknown,
  offset: unknown,
  length: unknown,
  seed: unknown,
): never {
  if (!(bytes instanceof Uint8Array)) return refuse('bytes is not a Uint8Array.');
  if (typeof seed !== 'number' || seed >>> 0 !== seed) {
    return refuse(`seed ${String(seed)} is not an unsigned 32-bit integer.`);
  }
  return refuse(
    `offset ${String(offset)} and length ${String(length)} leave the ${bytes.length} bytes.`,
  );
}

/** True when the four are what crc32c takes. NaN, fractions and other types fail a comparison. */
export function isRange(bytes: Uint8Array, offset: number, length: number, seed: number): boolean {
  return (
    bytes instanceof Uint8Array &&
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    length <= bytes.length - offset &&
    seed >>> 0 === seed
  );
}

/** Checks the shapes of a crc32cRanges call; the pairs themselves are checked by checkPairs. */
export function checkRanges(
  bytes: Uint8Array,
  ranges: Uint32Array,
  count: number,
  results: Uint32Array,
): void {
  if (!(bytes instanceof Uint8Array)) refuse('bytes is not a Uint8Array.');
  if (!(ranges instanceof Uint32Array)) refuse('ranges is not a Uint32Array.');
  if (!(results instanceof Uint32Array)) refuse('results is not a Uint32Array.');
  if (!Number.isSafeInteger(count) || count < 0) refuse(`count ${String(count)} is not a count.`);
  if (count > ranges.length >>> 1) refuse(`ranges has fewer than ${count} pairs.`);
  if (count > results.length) refuse(`results has fewer than ${count} elements.`);
}

/** Refuses when one of the pairs leaves the bytes. */
export function checkPairs(bytes: Uint8Array, ranges: Uint32Array, count: number): void {
  const size = bytes.length;
  for (let i = 0; i < count; i++) {
    const offset = ranges[2 * i] as number;
    const length = ranges[2 * i + 1] as number;
    if (offset + length > size) {
      refuse(`Range ${i}: offset ${offset} and length ${length} leave the ${size} bytes.`);
    }
  }
}
