/**
 * The files of the log: segments, spares and the ballast, all in `<directory>/log`.
 *
 * Invariants:
 * - Every `.wal` file has its full size, and a synced header under a synced name before the first
 *   batch goes into it.
 * - Sequences have no holes: segments leave oldest first, each with a sync of the folder before
 *   the next one goes.
 * - The ballast is space kept back. It is given up when the disk is full, so that what frees space
 *   (snapshots, truncation, closing) still finds some, and is made again when there is enough.
 */
import { alignUp, isThemisError, must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import { writeWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { makeBallast, type Preparation } from './preparation.js';
import {
  encodeSegmentHeader,
  type SegmentHeader,
  segmentName,
  segmentSequence,
} from './segment.js';
import { SpareMaker } from './spare-maker.js';

export interface SegmentStoreOptions {
  readonly fileSystem: FileSystem;
  /** The folder that holds `log/` and `aside/`; it must exist. */
  readonly directory: string;
  readonly kernel: Kernel;
  /** Default limits.segmentBytes. */
  readonly segmentBytes?: number;
  /** Spares kept ready. Default limits.spareSegments. */
  readonly spareSegments?: number;
  /** Default limits.ballastBytes; 0 for none. */
  readonly ballastBytes?: number;
}

/** The folder of the segments. */
export function logDirectory(directory: string): string {
  return `${directory}/log`;
}

export class SegmentStore {
  readonly #fileSystem: FileSystem;
  readonly #kernel: Kernel;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #sparesWanted: number;
  readonly #ballastBytes: number;
  readonly #spares: SpareMaker;
  #ballast: 'kept' | 'released' = 'released';

  constructor(options: SegmentStoreOptions) {
    const { fileSystem, directory, kernel } = options;
    this.#fileSystem = fileSystem;
    this.#kernel = kernel;
    this.#folder = logDirectory(directory);
    this.#segmentBytes = options.segmentBytes ?? limits.segmentBytes;
    this.#sparesWanted = options.spareSegments ?? limits.spareSegments;
    this.#ballastBytes = options.ballastBytes ?? limits.ballastBytes;
    if (fileSystem.stat(this.#folder) === null) {
      fileSystem.makeDirectory(this.#folder);
      fileSystem.syncDirectory(directory);
    }
    this.#spares = new SpareMaker({
      fileSystem,
      directory: this.#folder,
      segmentBytes: this.#segmentBytes,
    });
    this.#lookForBallast();
  }

  get segmentBytes(): number {
    return this.#segmentBytes;
  }

  get ballast(): 'kept' | 'released' {
    return this.#ballast;
  }

  path(sequence: number): string {
    return `${this.#folder}/${segmentName(sequence)}`;
  }

  /** Sequences of the segments that are there, ascending. */
  sequences(): number[] {
    return this.#fileSystem
      .list(this.#folder)
      .flatMap((name) => segmentSequence(name) ?? [])
      .sort((a, b) => a - b);
  }

  /** Spares that are ready. */
  spares(): number {
    return this.#spares.numbers('zero').length;
  }

  /** Bytes that the files of the log take. */
  bytesInUse(): number {
    let bytes = 0;
    for (const name of this.#fileSystem.list(this.#folder)) {
      bytes += alignUp(this.#fileSystem.stat(`${this.#folder}/${name}`)?.bytes ?? 0, 4096);
    }
    return bytes;
  }

  /**
   * Makes a spare the segment that `header` describes; durable when it returns. Fills a spare on
   * the spot when none is ready. Throws THEMIS_DISK_FULL when there is no space for that.
   */
  take(header: SegmentHeader): void {
    while (this.spares() === 0) this.#step();
    const number = must(this.#spares.numbers('zero')[0], 'a spare segment');
    const spare = this.#spares.path(number, 'zero');
    const bytes = encodeSegmentHeader(header, this.#kernel);
    const handle = this.#fileSystem.open(spare, { access: 'read-write' });
    try {
      writeWhole(handle, bytes, bytes.length, 0);
      handle.sync();
    } finally {
      handle.close();
    }
    this.#fileSystem.rename(spare, this.path(header.sequence));
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /** The oldest segment is needed no more: it becomes a spare, or goes when there are enough. */
  retire(sequence: number): void {
    const waiting = this.spares() + this.#spares.numbers('raw').length;
    if (waiting < this.#sparesWanted) {
      this.#fileSystem.rename(this.path(sequence), this.#spares.nextRawPath());
    } else {
      this.#fileSystem.unlink(this.path(sequence));
    }
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /**
   * One bounded step of background work: fills spares up to the number wanted, then makes the
   * ballast. Returns whether there is more to do. Throws THEMIS_DISK_FULL.
   */
  prepare(): boolean {
    const missing = this.#sparesWanted - this.spares();
    if (missing > 0) {
      const complete = this.#step();
      return !complete || missing > 1 || this.#wantsBallast();
    }
    if (this.#wantsBallast()) {
      makeBallast(this.#fileSystem, this.#ballastPath, this.#ballastBytes);
      this.#lookForBallast();
    }
    return false;
  }

  /**
   * The next work of `prepare`, for another thread to do as a whole; null when there is none, or
   * when some is being done. The files that it names are left alone until `returned`.
   */
  lend(): Preparation | null {
    if (this.spares() < this.#sparesWanted) {
      const number = this.#spares.lend();
      if (number === null) return null;
      const segmentBytes = this.#segmentBytes;
      return { kind: 'spare', directory: this.#folder, segmentBytes, number };
    }
    if (!this.#wantsBallast()) return null;
    return { kind: 'ballast', path: this.#ballastPath, bytes: this.#ballastBytes };
  }

  /** The other thread has ended its work, or will not do it. */
  returned(): void {
    this.#spares.returned();
    this.#lookForBallast();
  }

  /** Gives the ballast's space back, for what must still be done on a full disk. */
  releaseBallast(): void {
    if (this.#ballast === 'released') return;
    this.#ballast = 'released';
    this.#fileSystem.unlink(this.#ballastPath);
    this.#fileSystem.syncDirectory(this.#folder);
  }

  close(): void {
    this.#spares.close();
  }

  get #ballastPath(): string {
    return `${this.#folder}/ballast`;
  }

  #step(): boolean {
    try {
      return this.#spares.step();
    } catch (error) {
      if (isThemisError(error, 'THEMIS_DISK_FULL')) this.releaseBallast();
      throw error;
    }
  }

  /** Twice its size must be free, or making it would itself fill the disk. */
  #wantsBallast(): boolean {
    if (this.#ballast === 'kept' || this.#ballastBytes === 0) return false;
    return this.#fileSystem.space(this.#folder).freeBytes >= 2 * this.#ballastBytes;
  }

  #lookForBallast(): void {
    const bytes = this.#fileSystem.stat(this.#ballastPath)?.bytes;
    this.#ballast = bytes === this.#ballastBytes ? 'kept' : 'released';
  }
}
