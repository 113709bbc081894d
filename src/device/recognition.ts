/**
 * What a folder is, before anything in it is trusted, and how an empty one becomes a device.
 *
 *   found        the folder
 *   missing      does not exist (not mounted, removed), or is not a folder
 *   unreadable   the system refuses it
 *   empty        holds nothing (but lost+found, or what an interrupted start left)
 *   device       has a sound identity
 *   damaged      has an identity that is damaged in both copies
 *   strange      holds other files
 */
import { codeOf, messageOf, ThemisError } from '../base/index.js';
import type { FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  type DeviceIdentity,
  identityName,
  readIdentity,
  writeIdentity,
} from './device-identity.js';
import { volumesFolder } from './volume.js';

export type FoundFolder =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly code: string; readonly why: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'device'; readonly identity: DeviceIdentity; readonly repaired: boolean }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'strange'; readonly name: string };

/** Names that an empty folder may hold. */
const harmless: ReadonlySet<string> = new Set([
  'lost+found',
  `${identityName}.partial`,
  volumesFolder,
]);

/** Throws THEMIS_FORMAT_NEWER. */
export function recognizeFolder(fileSystem: FileSystem, path: string, kernel: Kernel): FoundFolder {
  try {
    const found = fileSystem.stat(path);
    if (found?.kind !== 'directory') return { kind: 'missing' };
    const identity = readIdentity(fileSystem, path, kernel);
    if (identity.kind === 'damaged') return { kind: 'damaged' };
    if (identity.kind === 'valid') {
      return { kind: 'device', identity: identity.value, repaired: identity.repaired };
    }
    return contentsOf(fileSystem, path);
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof ThemisError || code === undefined) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unreadable', code, why: messageOf(error) };
  }
}

/** A folder without identity. */
function contentsOf(fileSystem: FileSystem, path: string): FoundFolder {
  const names = fileSystem.list(path);
  const strange = names.find((name) => !harmless.has(name));
  if (strange !== undefined) return { kind: 'strange', name: strange };
  const folder = `${path}/${volumesFolder}`;
  if (names.includes(volumesFolder) && fileSystem.list(folder).length > 0) {
    return { kind: 'strange', name: volumesFolder };
  }
  return { kind: 'empty' };
}

/**
 * Makes the folder, or an empty one that is there, a device; durable when it returns. The identity
 * comes last, so a crash leaves an empty folder or a whole device. Throws the system's errors,
 * ENOENT where the folder above is missing.
 */
export function initializeFolder(
  fileSystem: FileSystem,
  path: string,
  kernel: Kernel,
  identity: DeviceIdentity,
): void {
  if (fileSystem.stat(path) === null) {
    fileSystem.makeDirectory(path);
    fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
  }
  const volumes = `${path}/${volumesFolder}`;
  if (fileSystem.stat(volumes) === null) fileSystem.makeDirectory(volumes);
  fileSystem.syncDirectory(path);
  writeIdentity(fileSystem, path, kernel, identity);
}
