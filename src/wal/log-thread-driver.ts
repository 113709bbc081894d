/** Drives the log in its own thread: wakes it through shared words and watches its signal. */
import { ThemisError } from '../base/index.js';
import { type Outcome, outcomeOf, outcomeValue, type ResidentThread } from '../pool/index.js';
import type { LogDriver } from './log-driver.js';
import { Patience } from './patience.js';
import type { Preparation, Prepare } from './preparation.js';
import { logPhases, logWords } from './ring.js';

/**
 * A wake-up of the main thread takes some 25 us. The event loop keeps turning instead, and looks at
 * the durable position in each turn; for about the time of one sync, since a slower disk is waited
 * for asleep.
 */
const pollTurnsMax = 150;

/** What the log thread reports by itself: why it ended, or a file that it wants prepared. */
export type LogThreadEvent =
  | { readonly ended: Outcome<never> }
  | { readonly preparation: Preparation };

export class LogThreadDriver implements LogDriver {
  readonly #thread: ResidentThread;
  readonly #control: Int32Array;
  readonly #prepare: Prepare;
  readonly #patience = new Patience();
  readonly #failure: Promise<unknown>;
  #preparing: Promise<void> = Promise.resolve();

  constructor(thread: ResidentThread, control: Int32Array, prepare: Prepare) {
    this.#thread = thread;
    this.#control = control;
    this.#prepare = prepare;
    this.#failure = new Promise((resolve) => {
      thread.reported = (reported) => {
        const event = reported as LogThreadEvent;
        if ('ended' in event) resolve(errorOf(event.ended));
        else this.#preparing = this.#prepareFile(event.preparation);
      };
      thread.died = (error) => {
        resolve(new ThemisError('THEMIS_LOG_FAILED', error.message, error));
        Atomics.store(control, logWords.phase, logPhases.failed);
        Atomics.add(control, logWords.signal, 1);
        Atomics.notify(control, logWords.signal);
      };
    });
  }

  wake(): void {
    if (Atomics.load(this.#control, logWords.sleeping) === 1) this.#rouse();
  }

  watch(seen: number, changed: () => void): void {
    this.#thread.ref();
    const done = () => {
      this.#thread.unref();
      changed();
    };
    if (this.#patience.tries()) this.#poll(seen, pollTurnsMax, done);
    else this.#wait(seen, done);
  }

  /** Looks once in each turn of the event loop, then waits. */
  #poll(seen: number, turns: number, done: () => void): void {
    setImmediate(() => {
      const found = this.#hasNews(seen);
      if (!found && turns > 1) {
        this.#poll(seen, turns - 1, done);
        return;
      }
      this.#patience.tried(found);
      if (found) done();
      else this.#wait(seen, done);
    });
  }

  #wait(seen: number, done: () => void): void {
    const control = this.#control;
    const signal = Atomics.load(control, logWords.signal);
    if (this.#hasNews(seen)) {
      queueMicrotask(done);
      return;
    }
    const waiting = Atomics.waitAsync(control, logWords.signal, signal);
    if (waiting.async) void waiting.value.then(done);
    else queueMicrotask(done);
  }

  #hasNews(seen: number): boolean {
    const control = this.#control;
    if (Atomics.load(control, logWords.durable) >>> 0 !== seen) return true;
    return Atomics.load(control, logWords.phase) !== logPhases.running;
  }

  request<T>(task: string, argument: unknown): Promise<T> {
    const answer = this.#thread.request<T>(task, argument);
    Atomics.add(this.#control, logWords.requests, 1);
    this.#rouse();
    return answer;
  }

  async failure(): Promise<unknown> {
    this.#thread.ref();
    const failure = await this.#failure;
    this.#thread.unref();
    return failure;
  }

  /** Ends the thread, and what is being prepared for it. */
  async close(): Promise<void> {
    await this.#thread.close();
    await this.#preparing;
  }

  /** The log thread hears of the end, whatever it was; unless it has ended itself. */
  async #prepareFile(preparation: Preparation): Promise<void> {
    const task = { preparation, control: this.#control };
    const outcome = await outcomeOf(() => this.#prepare(task));
    if (Atomics.load(this.#control, logWords.phase) !== logPhases.running) return;
    await outcomeOf(() => this.request('prepared', outcome));
  }

  #rouse(): void {
    Atomics.add(this.#control, logWords.wake, 1);
    Atomics.notify(this.#control, logWords.wake);
  }
}

function errorOf(ended: Outcome<never>): unknown {
  try {
    return outcomeValue(ended, 'log');
  } catch (error) {
    return error;
  }
}
