/**
 * Takes a snapshot of the state whenever the log has grown by `snapshotLogBytes` (or by the size
 * of the last snapshot, if that is more), keeps two, and truncates the log behind the older one.
 *
 * Order matters: the snapshot is verified and named, then what is applied is synced, then the log
 * is truncated. A crash anywhere leaves more than is needed, never less.
 */
import { isThemisError, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';

export interface WrittenSnapshot {
  readonly index: number;
  readonly bytes: number;
}

export interface CheckpointOptions {
  readonly snapshotLogBytes: number;
  /** Snapshots on disk at open, newest first. */
  readonly snapshots: readonly WrittenSnapshot[];
  /** Writes a snapshot of what is applied now; `waitFor` is applied before. */
  readonly write: () => Promise<WrittenSnapshot>;
  /** Removes all snapshots but the newest `limits.snapshotsKept`. */
  readonly prune: () => Promise<void>;
  /** Resolves when everything committed now is applied. */
  readonly whenApplied: () => Promise<void>;
  /** Makes the applied state durable; resolves with the index that is. */
  readonly syncState: () => Promise<number>;
  readonly truncateLog: (index: number) => Promise<void>;
  /** Bytes of log written so far, ever growing. */
  readonly logBytes: () => number;
  /** Bytes of log that were there at open. */
  readonly loggedBytes: number;
  readonly taken: (snapshot: WrittenSnapshot) => void;
}

export class Checkpoint {
  readonly #options: CheckpointOptions;
  #snapshots: readonly WrittenSnapshot[];
  #running: Promise<void> | null = null;
  #failure: ThemisError | null = null;
  #closed = false;
  #nextBytes: number;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#snapshots = options.snapshots;
    this.#nextBytes = this.#interval() - options.loggedBytes;
  }

  /** Takes a snapshot at the next commit. */
  want(): void {
    this.#nextBytes = 0;
  }

  get failure(): ThemisError | null {
    return this.#failure;
  }

  /** Index of the newest snapshot, 0 when there is none. */
  get index(): number {
    return this.#snapshots[0]?.index ?? 0;
  }

  /** The log has grown. */
  committed(): void {
    if (this.#running !== null || this.#options.logBytes() < this.#nextBytes) return;
    // A failure is kept for health() and tried again after another interval.
    this.take().catch((error: unknown) => this.#failed(error));
  }

  /** Takes a snapshot now, after one that is under way. */
  async take(): Promise<void> {
    while (this.#running !== null)
      await this.#running.catch((error: unknown) => this.#failed(error));
    if (this.#closed) {
      throw new ThemisError('THEMIS_CLOSED', 'The database is closing; no snapshot was taken.');
    }
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#nextBytes = this.#options.logBytes() + this.#interval();
    });
    return this.#running;
  }

  /** Waits for a snapshot that is under way; its failure is in `failure`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running?.catch((error: unknown) => this.#failed(error));
  }

  #interval(): number {
    return Math.max(this.#options.snapshotLogBytes, this.#snapshots[0]?.bytes ?? 0);
  }

  async #run(): Promise<void> {
    const options = this.#options;
    await options.whenApplied();
    const written = await options.write();
    const older = this.#snapshots.filter((snapshot) => snapshot.index < written.index);
    this.#snapshots = [written, ...older].slice(0, limits.snapshotsKept);
    await options.prune();
    const applied = await options.syncState();
    const oldest = this.#snapshots[limits.snapshotsKept - 1]?.index ?? 0;
    const needless = Math.min(oldest, applied);
    if (needless > 0) await options.truncateLog(needless);
    this.#failure = null;
    options.taken(written);
  }

  #failed(error: unknown): void {
    this.#failure = isThemisError(error)
      ? error
      : new ThemisError('THEMIS_TASK_FAILED', `A snapshot failed: ${messageOf(error)}`, error);
  }
}
