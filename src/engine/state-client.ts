/**
 * The state as the engine sees it: applied behind the log, in a thread or inline. Positions are
 * the ring's.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { BlobReference, StateControl } from '../metadata/index.js';

export interface StateListener {
  /** Everything up to `index` is applied and visible to store reads; the ring is free behind it. */
  applied(index: number, position: number): void;
  /** No readable value names these blobs any more, and never will. */
  died(blobs: readonly BlobReference[]): void;
  /** The state can apply nothing any more; reads of what is applied may still work. */
  failed(error: ThemisError): void;
}

/** Where the state's loop runs: in its thread, or inline in tests. */
export interface StateDriver {
  /** Shared words changed: let the loop look at them. */
  wake(): void;
  /** The same within `limits.applyLingerMs`: so that little work is done together. */
  wakeSoon(): void;
  /** Calls `changed` once when the control's signal is no longer `seen`. */
  watch(seen: number, changed: () => void): void;
  /** Set to hear of blobs that died. */
  died: (blobs: readonly BlobReference[]) => void;
  /** Why the loop ended, once the control says that it failed. */
  failure(): Promise<ThemisError>;
  close(): Promise<void>;
}

interface Waiter {
  readonly index: number;
  readonly resolve: () => void;
  readonly reject: (error: ThemisError) => void;
}

export class StateClient {
  readonly #control: StateControl;
  readonly #driver: StateDriver;
  readonly #waiters: Waiter[] = [];
  readonly #syncs = new Map<number, Waiter>();
  #committedIndex: number;
  #appliedIndex: number;
  #appliedPosition: number;
  #watching = false;
  #failure: ThemisError | null = null;
  listener: StateListener = {
    applied: () => undefined,
    died: () => undefined,
    failed: () => undefined,
  };

  /** `committedIndex`: what the log holds, which the state may not have applied yet. */
  constructor(control: StateControl, driver: StateDriver, committedIndex: number) {
    this.#control = control;
    this.#driver = driver;
    this.#appliedPosition = control.appliedPosition;
    this.#appliedIndex = control.appliedIndex;
    this.#committedIndex = committedIndex;
    driver.died = (blobs) => this.listener.died(blobs);
    this.#watch();
  }

  /** The newest index whose effects reads of the store see. */
  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  /** Everything up to `index`, which ends at `position`, is committed and may be applied. */
  commit(position: number, index: number): void {
    this.#committedIndex = index;
    this.#control.publishCommitted(position);
    // Nobody waits for it: reads find what is pending.
    const eager = index - this.#appliedIndex >= limits.applyEagerRecords;
    if (eager || this.#waiters.length > 0) this.#driver.wake();
    else this.#driver.wakeSoon();
    this.#watch();
  }

  /** Resolves when everything up to `index` is applied; rejects when the state fails first. */
  whenApplied(index: number): Promise<void> {
    if (this.#appliedIndex >= index) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ index, resolve, reject });
      this.#driver.wake();
      this.#watch();
    });
  }

  /** Makes what is applied durable; resolves with the index that is. */
  async sync(): Promise<number> {
    if (this.#failure !== null) throw this.#failure;
    const request = this.#control.requestSync();
    const done = new Promise<void>((resolve, reject) => {
      this.#syncs.set(request, { index: 0, resolve, reject });
    });
    this.#driver.wake();
    this.#watch();
    await done;
    return this.#control.syncedIndex;
  }

  /** Ends the loop after what is committed was applied. */
  async close(): Promise<void> {
    this.#control.requestStop();
    this.#driver.wake();
    await this.#driver.close();
    const message = 'The database was closed while something waited for its state.';
    this.#rejectAll(new ThemisError('THEMIS_CLOSED', message));
  }

  #watch(): void {
    if (this.#watching) return;
    if (this.#appliedIndex >= this.#committedIndex && this.#syncs.size === 0) return;
    this.#watching = true;
    const seen = this.#control.signal;
    if (this.#news()) {
      queueMicrotask(() => this.#changed());
      return;
    }
    this.#driver.watch(seen, () => this.#changed());
  }

  #news(): boolean {
    if (this.#control.failed) return true;
    if (this.#control.appliedPosition !== this.#appliedPosition) return true;
    if (this.#control.appliedIndex !== this.#appliedIndex) return true;
    return this.#syncs.size > 0 && [...this.#syncs.keys()].some((key) => this.#isDone(key));
  }

  #changed(): void {
    this.#watching = false;
    if (this.#control.failed) {
      void this.#driver.failure().then((error) => this.#fail(error));
      return;
    }
    const position = this.#control.appliedPosition;
    const index = this.#control.appliedIndex;
    if (position !== this.#appliedPosition || index !== this.#appliedIndex) {
      this.#appliedPosition = position;
      this.#appliedIndex = Math.min(index, this.#committedIndex);
      this.listener.applied(this.#appliedIndex, position);
      this.#resolveWaiters();
    }
    for (const [request, waiter] of this.#syncs) {
      if (!this.#isDone(request)) continue;
      this.#syncs.delete(request);
      waiter.resolve();
    }
    this.#watch();
  }

  #isDone(request: number): boolean {
    return this.#control.syncDone - request >= 0;
  }

  #resolveWaiters(): void {
    const ready = this.#waiters.filter((waiter) => waiter.index <= this.#appliedIndex);
    if (ready.length === 0) return;
    const rest = this.#waiters.filter((waiter) => waiter.index > this.#appliedIndex);
    this.#waiters.splice(0, this.#waiters.length, ...rest);
    for (const waiter of ready) waiter.resolve();
  }

  #fail(error: ThemisError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#rejectAll(error);
    this.listener.failed(error);
  }

  #rejectAll(error: ThemisError): void {
    for (const waiter of [...this.#waiters.splice(0), ...this.#syncs.values()])
      waiter.reject(error);
    this.#syncs.clear();
  }
}
