/**
 * Drives the state in the thread that uses it: for tests and for the simulator, with the same loop
 * and the same batches. Turns run when the injected scheduler says so.
 */
import { isThemisError, messageOf, ThemisError } from '../base/index.js';
import type { BlobReference, KeyValueStore, StateControl, StateLoop } from '../metadata/index.js';
import type { StateDriver } from './state-client.js';

export interface StateInlineDriverOptions {
  readonly loop: StateLoop;
  readonly store: KeyValueStore;
  readonly control: StateControl;
  readonly defer: (task: () => void) => void;
}

export class StateInlineDriver implements StateDriver {
  readonly #options: StateInlineDriverOptions;
  #scheduled = false;
  #turning: Promise<void> | null = null;
  #stopped = false;
  #failure: ThemisError | null = null;
  #changed: (() => void) | null = null;
  died: (blobs: readonly BlobReference[]) => void = () => undefined;

  constructor(options: StateInlineDriverOptions) {
    this.#options = options;
  }

  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#options.defer(() => {
      this.#turning = this.#turn(this.#turning);
    });
  }

  wakeSoon(): void {
    this.wake();
  }

  watch(seen: number, changed: () => void): void {
    if (this.#options.control.signal !== seen) this.#options.defer(changed);
    else this.#changed = changed;
  }

  async failure(): Promise<ThemisError> {
    return this.#failure ?? new ThemisError('THEMIS_CLOSED', 'The state has ended; open it again.');
  }

  /** The loop was asked to stop: takes its last turn and closes the store. */
  async close(): Promise<void> {
    await this.#turning;
    if (!this.#stopped) await this.#turn(null);
    this.#stopped = true;
    this.#changed = null;
    await this.#options.store.close();
  }

  /** One turn after the one that is under way; never rejects. */
  async #turn(before: Promise<void> | null): Promise<void> {
    await before;
    this.#scheduled = false;
    if (this.#stopped) return;
    const { loop, control } = this.#options;
    try {
      this.#stopped = !(await loop.turn());
    } catch (error) {
      this.#stopped = true;
      this.#failure = isThemisError(error)
        ? error
        : new ThemisError('THEMIS_TASK_FAILED', `The state failed: ${messageOf(error)}`, error);
      control.publishFailure();
    }
    const changed = this.#changed;
    this.#changed = null;
    changed?.();
  }
}
