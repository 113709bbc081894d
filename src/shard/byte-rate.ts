/** So many bytes a second, and no burst: whoever takes some waits until they are due. */
import type { Clock, TimerHandle, Timers } from '../io/index.js';

export class ByteRate {
  readonly #clock: Clock;
  readonly #timers: Timers;
  #dueMs = 0;
  #waiting: { readonly timer: TimerHandle; readonly go: () => void } | null = null;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Resolves when `bytes` more may have been read. One call at a time. */
  async take(bytes: number, bytesPerSecond: number): Promise<void> {
    const now = this.#clock.monotonicMs();
    this.#dueMs = Math.max(now, this.#dueMs) + (bytes * 1000) / bytesPerSecond;
    const delayMs = this.#dueMs - now;
    // Below a millisecond, timers cost more than they say.
    if (delayMs < 1) return;
    await new Promise<void>((resolve) => {
      const timer = this.#timers.after(delayMs, resolve);
      this.#waiting = { timer, go: resolve };
    });
    this.#waiting = null;
  }

  /** Whoever waits goes on at once. */
  release(): void {
    this.#waiting?.timer.cancel();
    this.#waiting?.go();
    this.#waiting = null;
    this.#dueMs = 0;
  }
}
