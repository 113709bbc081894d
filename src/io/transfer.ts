/** Reads and writes of whole ranges over the file port, whose calls may be short. */
import { codeOf, ThemisError } from '../base/index.js';
import type { FileHandle } from './file-system.js';

/** Reads until `length` bytes have come or the file ends; returns how many came. */
export function readWhole(
  file: FileHandle,
  target: Uint8Array,
  length: number,
  position: number,
): number {
  let done = 0;
  while (done < length) {
    const count = file.read(target, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Writes the first `length` bytes of `source`. Throws THEMIS_IO when a write makes no progress. */
export function writeWhole(
  file: FileHandle,
  source: Uint8Array,
  length: number,
  position: number,
): void {
  let done = 0;
  while (done < length) {
    const count = file.write(source, done, length - done, position + done);
    if (count === 0) throw noProgress(length - done, position + done);
    done += count;
  }
}

/**
 * readWhole for files that have copies elsewhere: false when the file ends before, or when the disk
 * cannot read it (EIO), which is damage like any other. Other errors are thrown.
 */
export function readDamaged(
  file: FileHandle,
  target: Uint8Array,
  length: number,
  position: number,
): boolean {
  try {
    return readWhole(file, target, length, position) === length;
  } catch (error) {
    if (codeOf(error) === 'EIO') return false;
    throw error;
  }
}

/**
 * Writes all sources one behind the other. Throws THEMIS_IO when a write makes no progress.
 */
export function writeVectorWhole(
  file: FileHandle,
  sources: readonly Uint8Array[],
  position: number,
): void {
  let at = position;
  for (let rest = sources; rest.length > 0; ) {
    const count = file.writeVector(rest, at);
    if (count === 0)
      throw noProgress(
        rest.reduce((sum, part) => sum + part.length, 0),
        at,
      );
    at += count;
    rest = behind(rest, count);
  }
}

/** Reads until all targets are full or the file ends; returns how many bytes came. */
export function readVectorWhole(
  file: FileHandle,
  targets: readonly Uint8Array[],
  position: number,
): number {
  let at = position;
  for (let rest = targets; rest.length > 0; ) {
    const count = file.readVector(rest, at);
    if (count === 0) break;
    at += count;
    rest = behind(rest, count);
  }
  return at - position;
}

/** What is left of a vector behind its first `count` bytes, empty parts left out. */
function behind(vector: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  const rest: Uint8Array[] = [];
  for (const part of vector) {
    const kept = part.subarray(Math.min(skip, part.length));
    skip -= part.length - kept.length;
    if (kept.length > 0) rest.push(kept);
  }
  return rest;
}

function noProgress(length: number, position: number): ThemisError {
  return new ThemisError(
    'THEMIS_IO',
    `A write of ${length} bytes at ${position} took none of them; check the disk and restart.`,
  );
}
