/**
 * A note beside the state that it must be rebuilt: a record failed its checksum while it was read,
 * which an audit of LevelDB's blocks may not find (the block was written again by a compaction,
 * with the damage and a right checksum). The next open rebuilds the state and removes the note.
 */
import { isThemisError } from '../base/index.js';
import type { FileSystem } from '../io/index.js';
import { readWhole, writeWhole } from '../io/index.js';

const doubtBytesMax = 4096;

function doubtPath(directory: string): string {
  return `${directory}/state.doubt`;
}

/** Why the state is in doubt, or null. */
export function readDoubt(fileSystem: FileSystem, directory: string): string | null {
  const path = doubtPath(directory);
  const stat = fileSystem.stat(path);
  if (stat === null) return null;
  const handle = fileSystem.open(path, { access: 'read' });
  try {
    const bytes = Buffer.alloc(Math.min(stat.bytes, doubtBytesMax));
    const length = readWhole(handle, bytes, bytes.length, 0);
    return bytes.toString('utf8', 0, length);
  } finally {
    handle.close();
  }
}

/** Notes the doubt durably; a note that is there already stays. */
export function noteDoubt(fileSystem: FileSystem, directory: string, why: string): void {
  const path = doubtPath(directory);
  if (fileSystem.stat(path) !== null) return;
  const bytes = Buffer.from(why).subarray(0, doubtBytesMax);
  const handle = fileSystem.open(path, { access: 'read-write', create: true });
  try {
    writeWhole(handle, bytes, bytes.length, 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fileSystem.syncDirectory(directory);
}

/** The state was rebuilt. */
export function clearDoubt(fileSystem: FileSystem, directory: string): void {
  const path = doubtPath(directory);
  if (fileSystem.stat(path) === null) return;
  fileSystem.unlink(path);
  fileSystem.syncDirectory(directory);
}

/** Turns the first read that met damage into a note, away from the reader. */
export class DoubtKeeper {
  readonly #note: (why: string) => Promise<unknown>;
  #noting: Promise<unknown> | null = null;

  constructor(note: (why: string) => Promise<unknown>) {
    this.#note = note;
  }

  /** Told of every read that failed. */
  readFailed(error: unknown): void {
    if (this.#noting !== null || !isThemisError(error, 'THEMIS_STATE_CORRUPT')) return;
    // The reader has its error either way; a note that fails is tried again at the next one.
    this.#noting = this.#note(error.message).catch(() => {
      this.#noting = null;
    });
  }

  /** Resolves when a note that was begun is written. */
  async settled(): Promise<void> {
    await this.#noting;
  }
}
