/**
 * A small file that holds the same bytes twice, replaced as a whole: the identity of a device, the
 * table of devices. It is written aside, synced and renamed, so a crash leaves the old or the new
 * one; a damaged copy is repaired from the other.
 */
import { bufferOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { type FileHandle, type FileSystem, readDamaged, writeWhole } from '../io/index.js';
import { type BlockFormat, checkSeal, type Kernel } from '../kernel/index.js';

export type TwinRead<T> =
  | { readonly kind: 'absent' }
  /** `repaired`: a copy that was damaged and was written again. */
  | { readonly kind: 'valid'; readonly value: T; readonly repaired: boolean }
  /** Neither copy is sound, or they differ. */
  | { readonly kind: 'damaged' };

/**
 * Reads the file; `decode` returns null for a copy that is not sound, and may throw. Throws the
 * system's errors, those of a repair excepted: a damaged copy that cannot be written harms nobody.
 */
export function readTwin<T>(
  fileSystem: FileSystem,
  path: string,
  decode: (copy: Uint8Array) => T | null,
): TwinRead<T> {
  const found = fileSystem.stat(path);
  if (found === null) return { kind: 'absent' };
  const length = Math.max(limits.blockBytes, Math.floor(found.bytes / 2));
  const handle = fileSystem.open(path, { access: 'read' });
  const copies: { readonly bytes: Uint8Array; readonly value: T }[] = [];
  try {
    for (let copy = 0; copy < 2; copy++) {
      const bytes = new Uint8Array(length);
      const value = readCopy(handle, bytes, copy) ? decode(bytes) : null;
      if (value !== null) copies.push({ bytes, value });
    }
  } finally {
    handle.close();
  }
  const [first, second] = copies;
  if (first === undefined) return { kind: 'damaged' };
  if (second === undefined) {
    return { kind: 'valid', value: first.value, repaired: repair(fileSystem, path, first.bytes) };
  }
  if (!bufferOf(first.bytes).equals(second.bytes)) return { kind: 'damaged' };
  return { kind: 'valid', value: first.value, repaired: false };
}

/** Makes the file hold these bytes twice; durable when it returns. A whole number of blocks. */
export function writeTwin(fileSystem: FileSystem, path: string, copy: Uint8Array): void {
  const partial = `${path}.partial`;
  if (fileSystem.stat(partial) !== null) fileSystem.unlink(partial);
  const handle = fileSystem.open(partial, { access: 'read-write', create: true });
  try {
    writeWhole(handle, copy, copy.length, 0);
    writeWhole(handle, copy, copy.length, copy.length);
    handle.sync();
  } finally {
    handle.close();
  }
  fileSystem.rename(partial, path);
  fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
}

/**
 * Whether a copy of the file at `path` is sealed as its format says. Throws THEMIS_FORMAT_NEWER for
 * one that a later version wrote.
 */
export function isSound(
  kernel: Kernel,
  copy: Uint8Array,
  format: BlockFormat,
  path: string,
): boolean {
  const seal = checkSeal(kernel, copy, format);
  if (seal.kind === 'newer') {
    throw new ThemisError(
      'THEMIS_FORMAT_NEWER',
      `${path} has format ${seal.version}; this Themis reads up to ${format.version}. ` +
        'Open the store with the newer Themis.',
    );
  }
  return seal.kind === 'sound';
}

function readCopy(handle: FileHandle, bytes: Uint8Array, copy: number): boolean {
  return readDamaged(handle, bytes, bytes.length, copy * bytes.length);
}

/** A file whose length was changed is damaged too, and is written anew like any other. */
function repair(fileSystem: FileSystem, path: string, copy: Uint8Array): boolean {
  try {
    writeTwin(fileSystem, path, copy);
    return true;
  } catch {
    // The other copy was sound; the next open tries again.
    return false;
  }
}
