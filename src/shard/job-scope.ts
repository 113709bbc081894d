/** The blobs that one job is about, and how each of them came out; other jobs have theirs. */
import { ThemisError } from '../base/index.js';

/** `gone`: no readable value names it any more. */
export type RepairOutcome = 'repaired' | 'failed' | 'gone';

export class JobScope {
  readonly #isAbout: (blob: number) => boolean;
  readonly #changed: () => void;
  readonly #repaired = new Set<number>();
  readonly #failed = new Set<number>();
  #pending = new Set<number>();
  #isStopped = false;
  #wake: (() => void) | null = null;

  /** `changed` is called when a blob of it came out. */
  constructor(isAbout: (blob: number) => boolean, changed: () => void) {
    this.#isAbout = isAbout;
    this.#changed = changed;
  }

  get repaired(): number {
    return this.#repaired.size;
  }

  get failed(): number {
    return this.#failed.size;
  }

  /** Blobs that are still waited for. */
  get pending(): number {
    return this.#pending.size;
  }

  /** A repair ended, whoever asked for it. */
  settled(blob: number, outcome: RepairOutcome): void {
    if (!this.#isAbout(blob)) return;
    this.#pending.delete(blob);
    this.#failed.delete(blob);
    if (outcome === 'repaired') this.#repaired.add(blob);
    if (outcome === 'failed') this.#failed.add(blob);
    this.#changed();
    if (this.#pending.size === 0) this.#wake?.();
  }

  /** It could not even be put in line. */
  refused(blob: number): void {
    this.#failed.add(blob);
  }

  /**
   * Resolves when each of these blobs was settled since the job began. Throws THEMIS_CLOSED when it
   * was stopped before.
   */
  async settle(blobs: Iterable<number>): Promise<void> {
    for (const blob of blobs) {
      if (!this.#repaired.has(blob) && !this.#failed.has(blob)) this.#pending.add(blob);
    }
    if (this.#pending.size > 0 && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isStopped) throw stoppedError();
  }

  stop(): void {
    this.#isStopped = true;
    this.#pending = new Set();
    this.#wake?.();
  }
}

export function stoppedError(): ThemisError {
  return new ThemisError('THEMIS_CLOSED', 'The repair engine was stopped before the job was done.');
}
