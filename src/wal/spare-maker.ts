/**
 * Makes spare segments: files full of zeros, in steps that never take long.
 *
 *   spare-<n>.raw    being filled, or retired with old content; filled from its start again
 *   spare-<n>.zero   full size, zero and synced; a crash while it was taken can leave a segment
 *                    header in its first two blocks, which the next take overwrites
 *
 * Zeros are written, not punched: writing to blocks that the file system already knows as written
 * changes no metadata, so the syncs of the log stay short. A file gets its `.zero` name only after
 * its zeros are synced. Retired segments are filled first; that takes no new space. When there is
 * no space, one file that was begun gives way to another: two halves would keep a full disk full.
 */
import { codeOf, MiB, messageOf, ThemisError } from '../base/index.js';
import { alignedBytes, type FileHandle, type FileSystem, writeWhole } from '../io/index.js';
import { openSynced } from './sync-mode.js';

/** Bytes written and synced by one step. */
const stepBytes = 1 * MiB;
/** Aligned for O_DIRECT; one for all makers of a thread. */
const zeros = alignedBytes(stepBytes);

export interface SpareMakerOptions {
  readonly fileSystem: FileSystem;
  /** The folder of the segments. */
  readonly directory: string;
  readonly segmentBytes: number;
}

interface Filling {
  readonly number: number;
  readonly handle: FileHandle;
  /** Every write is durable when it returns. */
  readonly isDirect: boolean;
  offset: number;
}

export class SpareMaker {
  readonly #options: SpareMakerOptions;
  #filling: Filling | null = null;
  #lent: number | null = null;

  constructor(options: SpareMakerOptions) {
    this.#options = options;
  }

  /** Numbers of the files with this ending, ascending. */
  numbers(ending: 'raw' | 'zero'): number[] {
    const names = this.#options.fileSystem.list(this.#options.directory);
    return names.flatMap((name) => {
      const match = /^spare-(\d+)\.(raw|zero)$/.exec(name);
      return match !== null && match[2] === ending ? [Number(match[1])] : [];
    });
  }

  path(number: number, ending: 'raw' | 'zero'): string {
    return `${this.#options.directory}/spare-${String(number).padStart(8, '0')}.${ending}`;
  }

  /** A path for a file that shall become a spare. */
  nextRawPath(): string {
    return this.path(this.#freeNumber(), 'raw');
  }

  /**
   * Names a file for another thread to fill, the retired first. No step is made on it and its
   * number is not given out until `returned`; one can be lent at a time.
   */
  lend(): number | null {
    if (this.#lent !== null) return null;
    this.close();
    this.#lent = this.numbers('raw')[0] ?? this.#freeNumber();
    return this.#lent;
  }

  /** The other thread has done with the file that was lent. */
  returned(): void {
    this.#lent = null;
  }

  /**
   * One step towards one more spare, out of the file `number` if given; returns whether that spare
   * is complete. Throws THEMIS_DISK_FULL when there is no space: what was filled stays, and a later
   * step goes on. Whoever names a file may not be alone with this folder, and touches no other.
   */
  step(number?: number): boolean {
    try {
      this.#filling ??= this.#begin(number);
      return this.#fill(this.#filling);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      if (number === undefined && this.#giveWay()) return false;
      throw new ThemisError(
        'THEMIS_DISK_FULL',
        `No space for a log segment in ${this.#options.directory} (${messageOf(error)}); ` +
          'free space on that file system, writing then goes on by itself.',
        error,
      );
    }
  }

  close(): void {
    const filling = this.#filling;
    this.#filling = null;
    filling?.handle.close();
  }

  #begin(wanted: number | undefined): Filling {
    const { fileSystem } = this.#options;
    const retired = this.numbers('raw').find((number) => number !== this.#lent);
    const number = wanted ?? retired ?? this.#freeNumber();
    const path = this.path(number, 'raw');
    if (fileSystem.stat(path) === null) {
      fileSystem.open(path, { access: 'read-write', create: true }).close();
    }
    // Past the cache: a third of the time, and no pages of zeros in memory.
    const { handle, mode } = openSynced(fileSystem, path, 'direct');
    return { number, handle, isDirect: mode === 'direct', offset: 0 };
  }

  #fill(filling: Filling): boolean {
    const { fileSystem, directory, segmentBytes } = this.#options;
    const length = Math.min(stepBytes, segmentBytes - filling.offset);
    writeWhole(filling.handle, zeros, length, filling.offset);
    if (!filling.isDirect) filling.handle.sync();
    filling.offset += length;
    if (filling.offset < segmentBytes) return false;
    if (filling.handle.size() !== segmentBytes) {
      filling.handle.truncate(segmentBytes);
      filling.handle.sync();
    }
    this.close();
    fileSystem.rename(this.path(filling.number, 'raw'), this.path(filling.number, 'zero'));
    fileSystem.syncDirectory(directory);
    return true;
  }

  /** Gives up another file that is not complete; false when there is none. */
  #giveWay(): boolean {
    const filling = this.#filling;
    if (filling === null) return false;
    const raw = this.numbers('raw');
    const other = raw.find((one) => one !== this.#lent && one !== filling.number);
    if (other === undefined) return false;
    this.#options.fileSystem.unlink(this.path(other, 'raw'));
    return true;
  }

  #freeNumber(): number {
    return Math.max(this.#lent ?? 0, ...this.numbers('raw'), ...this.numbers('zero')) + 1;
  }
}
