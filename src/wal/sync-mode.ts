/**
 * How writes of the log become durable.
 *
 *   direct     O_DIRECT | O_DSYNC: every write is on the disk when it returns, without the cache
 *   dsync      O_DSYNC: the same, through the cache
 *   fdatasync  one write, then one fdatasync
 *   buffered   writes reach the cache; sync() is called now and then
 *
 * Where the file system does not know O_DIRECT or O_DSYNC (EINVAL), `fdatasync` takes their place:
 * it promises the same, and the status of the log names both.
 */
import { codeOf } from '../base/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';

export type SyncMode = 'direct' | 'dsync' | 'fdatasync' | 'buffered';

export interface SyncedFile {
  readonly handle: FileHandle;
  /** The mode that is in force. */
  readonly mode: SyncMode;
}

/** Opens an existing segment for writing in this mode, or in the one that takes its place. */
export function openSynced(fileSystem: FileSystem, path: string, mode: SyncMode): SyncedFile {
  if (mode === 'fdatasync' || mode === 'buffered') {
    return { handle: fileSystem.open(path, { access: 'read-write' }), mode };
  }
  try {
    return { handle: fileSystem.open(path, { access: 'read-write', sync: mode }), mode };
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
    return { handle: fileSystem.open(path, { access: 'read-write' }), mode: 'fdatasync' };
  }
}
