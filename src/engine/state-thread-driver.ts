/** Drives the state in its own thread. */
import { bufferOf, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { TimerHandle, Timers } from '../io/index.js';
import { BlobReference, type StateControl } from '../metadata/index.js';
import { type Outcome, outcomeValue, type ResidentThread } from '../pool/index.js';
import type { StateDriver } from './state-client.js';

/** What the state thread reports by itself: blobs that died; that its loop has ended, and why. */
export type StateThreadEvent =
  /** Manifests. */
  { readonly died: readonly Uint8Array[] } | { readonly ended: Outcome<null> };

export class StateThreadDriver implements StateDriver {
  readonly #thread: ResidentThread;
  readonly #control: StateControl;
  readonly #ended: Promise<ThemisError | null>;
  #closing = false;
  #waking = false;
  readonly #timers: Timers;
  #soon: TimerHandle | null = null;
  died: (blobs: readonly BlobReference[]) => void = () => undefined;

  constructor(thread: ResidentThread, control: StateControl, timers: Timers) {
    this.#timers = timers;
    this.#thread = thread;
    this.#control = control;
    this.#ended = new Promise((resolve) => {
      thread.reported = (reported) => {
        const event = reported as StateThreadEvent;
        if ('died' in event) this.died(event.died.map(referenceTo));
        else resolve(failureOf(event.ended));
      };
      thread.died = (error) => {
        resolve(error);
        if (!this.#closing) control.publishFailure();
      };
    });
  }

  /**
   * Wakes the thread at the end of this turn of the event loop: a wake-up is a system call, and the
   * writers whose commits are told now need not wait for it.
   */
  wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      this.#control.wake();
    });
  }

  /** A lone writer's records are applied together, and do not compete with its syncs. */
  wakeSoon(): void {
    this.#soon ??= this.#timers.after(limits.applyLingerMs, () => {
      this.#soon = null;
      this.#control.wake();
    });
  }

  watch(seen: number, changed: () => void): void {
    this.#thread.ref();
    const done = () => {
      this.#thread.unref();
      changed();
    };
    const { words, signalWord } = this.#control;
    const waiting = Atomics.waitAsync(words, signalWord, seen);
    if (waiting.async) void waiting.value.then(done);
    else queueMicrotask(done);
  }

  async failure(): Promise<ThemisError> {
    this.#thread.ref();
    const error = await this.#ended;
    this.#thread.unref();
    return error ?? new ThemisError('THEMIS_CLOSED', 'The state thread has ended; open again.');
  }

  /** The loop was asked to stop: waits until it closed its store, then ends the thread. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#soon?.cancel();
    this.#thread.ref();
    await this.#ended;
    await this.#thread.close();
  }
}

function referenceTo(manifest: Uint8Array): BlobReference {
  return new BlobReference(bufferOf(manifest));
}

function failureOf(ended: Outcome<null>): ThemisError | null {
  try {
    outcomeValue(ended, 'state');
    return null;
  } catch (error) {
    if (error instanceof ThemisError) return error;
    return new ThemisError('THEMIS_TASK_FAILED', `The state failed: ${messageOf(error)}`, error);
  }
}
