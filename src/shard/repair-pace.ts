/** Repair lets the foreground go first: before each stripe it waits while there is other work. */
import { limits } from '../config/index.js';
import type { Clock, Timers } from '../io/index.js';
import { stoppedError } from './job-scope.js';

export interface PaceParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** True while the foreground has work that repair should not compete with. */
  readonly isBusy: () => boolean;
}

/** How often whoever waits looks whether the foreground is still busy, in milliseconds. */
const stepMs = 1;

export class RepairPace {
  readonly #parts: PaceParts;
  readonly #waiting = new Set<() => void>();
  #isStopped = false;

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the foreground is idle, after repairYieldMs at the latest: a store that is
   * always busy is repaired all the same. Throws THEMIS_CLOSED once it was stopped.
   */
  async turn(): Promise<void> {
    const { clock, timers, isBusy } = this.#parts;
    const until = clock.monotonicMs() + limits.repairYieldMs;
    while (!this.#isStopped && isBusy() && clock.monotonicMs() < until) {
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          this.#waiting.delete(goOn);
          timer.cancel();
          resolve();
        };
        const timer = timers.after(stepMs, goOn);
        this.#waiting.add(goOn);
      });
    }
    if (this.#isStopped) throw stoppedError();
  }

  start(): void {
    this.#isStopped = false;
  }

  /** Whoever waits is sent home. */
  stop(): void {
    this.#isStopped = true;
    for (const goOn of [...this.#waiting]) goOn();
  }
}
