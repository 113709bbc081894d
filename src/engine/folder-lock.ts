/**
 * One process at a time. Node offers no file locks, LevelDB does: an empty database in `lock/` is
 * held open. LevelDB takes an fcntl lock on its file LOCK before it reads anything else, and the
 * system drops it when the process ends, however it ends.
 *
 * Such a lock belongs to the process: it excludes no second open here, and any close of LOCK drops
 * it, also the close with which LevelDB 1.20 ends a second open that it refuses. Hence:
 *
 * - LevelDB is not asked when this thread holds the folder (`held`), or when this process has LOCK
 *   open (another thread, another copy of this module, another path to the same folder).
 * - The file LOCK is never removed, because a lock on a removed file excludes nobody. A database
 *   that is damaged (and so, as LevelDB came past LOCK, held by nobody) loses its other files
 *   instead; whoever opens it first after that has the lock.
 */
import { ClassicLevel } from 'classic-level';
import { codeOf, isThemisError, messageOf, must, ThemisError } from '../base/index.js';
import { type FileSystem, fileIdentity, isOpenHere, nodeFileSystem } from '../io/index.js';

export interface FolderLock {
  /** Gives the folder back. */
  release(): Promise<void>;
}

/** The folders `lock/` that this thread holds or is about to take, by what they are. */
const held = new Set<string>();

/**
 * Takes the data folder, which exists, for this process. Throws LEVEL_LOCKED at once when another
 * process or another handle in this one has it, and THEMIS_IO when it cannot be taken at all.
 */
export async function acquireFolderLock(directory: string): Promise<FolderLock> {
  const path = `${directory}/lock`;
  try {
    const identity = makeLockFolder(path);
    if (held.has(identity) || isOpenHere(`${path}/LOCK`)) throw locked(directory);
    held.add(identity);
    try {
      const level = await openOrReplace(path);
      return {
        release: async () => {
          await level.close();
          held.delete(identity);
        },
      };
    } catch (error) {
      held.delete(identity);
      throw error;
    }
  } catch (error) {
    if (isThemisError(error)) throw error;
    if (codeOf(error) === 'LEVEL_LOCKED') throw locked(directory, error);
    const advice = 'Check the permissions of the folder and the disk.';
    const message = `${path} cannot be locked: ${messageOf(error)}. ${advice}`;
    throw new ThemisError('THEMIS_IO', message, error);
  }
}

/** Makes the folder when it is missing; returns what it is. */
function makeLockFolder(path: string): string {
  const found = fileIdentity(path);
  if (found !== null) return found;
  nodeFileSystem().makeDirectory(path);
  return must(fileIdentity(path), 'the folder of the lock was made');
}

/** Opens the database, anew when it is damaged. */
async function openOrReplace(path: string): Promise<ClassicLevel> {
  try {
    return await hold(path);
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED') throw error;
  }
  removeAllButLock(nodeFileSystem(), path);
  return hold(path);
}

/** Opens the database; its own error when that fails, without abstract-level's wrapping. */
async function hold(path: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(path, { compression: false, cacheSize: 0 });
  try {
    await level.open();
  } catch (error) {
    throw error instanceof Error && error.cause !== undefined ? error.cause : error;
  }
  return level;
}

function removeAllButLock(fileSystem: FileSystem, path: string): void {
  for (const name of fileSystem.list(path)) {
    if (name !== 'LOCK') fileSystem.unlink(`${path}/${name}`);
  }
}

function locked(directory: string, cause?: unknown): ThemisError {
  return new ThemisError(
    'LEVEL_LOCKED',
    `${directory} is open already, in another process or by another handle of this one. ` +
      'Close it there first, or use that handle.',
    cause,
  );
}
