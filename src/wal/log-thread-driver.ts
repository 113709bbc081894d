/** Drives the log in its own thread: wakes it through shared words and watches its signal. */
import { ThemisError } from '../base/index.js';
import { type Outcome, outcomeValue, type ResidentThread } from '../pool/index.js';
import type { LogDriver } from './log-driver.js';
import { logPhases, logWords } from './ring.js';

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

  watch(seen: number, changed: () => void): void {
    const control = this.#control;
    const signal = Atomics.load(control, logWords.signal);
    const durable = Atomics.load(control, logWords.durable) >>> 0;
    const running = Atomics.load(control, logWords.phase) === logPhases.running;
    if (durable !== seen || !running) {
      queueMicrotask(changed);
      return;
    }
    this.#thread.ref();
    const done = () => {
      this.#thread.unref();
      changed();
    };
    const waiting = Atomics.waitAsync(control, logWords.signal, signal);
    if (waiting.async) void waiting.value.then(done);
    else queueMicrotask(done);
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
