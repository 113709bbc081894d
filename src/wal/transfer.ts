/** Reads and writes of whole ranges over the file port, whose calls may be short. */
import { codeOf, ThemisError } from '../base/index.js';
import type { FileHandle } from '../io/index.js';

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
    if (count === 0) {
      throw new ThemisError(
        'THEMIS_IO',
        `A write of ${length - done} bytes at ${position + done} took none of them; ` +
          'check the disk and restart.',
      );
    }
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
