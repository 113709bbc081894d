/** Drives the log in its own thread: wakes it through shared words and watches its signal. */
import { ThemisError } from '../base/index.js';
import { type Outcome, outcomeValue, type ResidentThread } from '../pool/index.js';
import type { LogDriver } from './log-driver.js';
import { logPhases, logWords } from './ring.js';

/**
 * For so few records a wake-up of the main thread would be a fifth of their latency. The event loop
 * keeps turning instead, and looks at the durable position in each turn.
 */
const pollRecordsMax = 128;
/** About the time of one sync; a slower disk is waited for asleep. */
const pollTurnsMax = 150;

/** What the log thread reports by itself: why it ended. */
export interface LogThreadEvent {
  readonly ended: Outcome<never>;
}

export class LogThreadDriver implements LogDriver {
  readonly #thread: ResidentThread;
  readonly #control: Int32Array;
  readonly #failure: Promise<unknown>;

  constructor(thread: ResidentThread, control: Int32Array) {
    this.#thread = thread;
    this.#control = control;
    this.#failure = new Promise((resolve) => {
      thread.reported = (event) => resolve(errorOf(event as LogThreadEvent));
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

  watch(seen: number, inFlight: number, changed: () => void): void {
    this.#thread.ref();
    const done = () => {
      this.#thread.unref();
      changed();
    };
    if (inFlight <= pollRecordsMax) this.#poll(seen, pollTurnsMax, done);
    else this.#wait(seen, done);
  }

  /** Looks once in each turn of the event loop, then waits. */
  #poll(seen: number, turns: number, done: () => void): void {
    setImmediate(() => {
      if (this.#hasNews(seen)) done();
      else if (turns > 1) this.#poll(seen, turns - 1, done);
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
    this.#rouse();
    return answer;
  }

  async failure(): Promise<unknown> {
    this.#thread.ref();
    const failure = await this.#failure;
    this.#thread.unref();
    return failure;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #rouse(): void {
    Atomics.add(this.#control, logWords.wake, 1);
    Atomics.notify(this.#control, logWords.wake);
  }
}

function errorOf(event: LogThreadEvent): unknown {
  try {
    return outcomeValue(event.ended, 'log');
  } catch (error) {
    return error;
  }
}
