/**
 * A bounded pool of threads for short tasks (piscina). Every task has a name, so that an error
 * says which one failed; the queue has a limit; a task can be aborted or given a deadline, which
 * ends its thread (the pool replaces it).
 */
import { Piscina } from 'piscina';
import { messageOf, ThemisError } from '../base/index.js';
import { LoadingThreads } from './loading-threads.js';
import { type Outcome, outcomeValue } from './outcome.js';

export interface ThreadPoolOptions {
  /** For messages: `compute`. */
  readonly name: string;
  readonly url: URL;
  readonly threads: number;
  /** Tasks that may wait; one more is refused with THEMIS_OVERLOADED. */
  readonly queueMax: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds from now, waiting included. */
  readonly deadlineMs?: number;
}

export interface ThreadPool {
  /**
   * Runs one task. Errors: what the task threw; THEMIS_OVERLOADED, THEMIS_ABORTED,
   * THEMIS_DEADLINE_EXCEEDED, THEMIS_CLOSED, THEMIS_TASK_FAILED when its thread died.
   */
  run<T>(task: string, argument: unknown, options?: RunOptions): Promise<T>;
  /** Tasks waiting for a thread. */
  readonly queued: number;
  /** Ends the threads; running tasks fail with THEMIS_CLOSED. */
  close(): Promise<void>;
}

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  return new PiscinaPool(options);
}

class PiscinaPool implements ThreadPool {
  readonly #name: string;
  readonly #options: ThreadPoolOptions;
  #piscina: Piscina;
  readonly #queueMax: number;
  #closed = false;
  readonly #loading = new LoadingThreads();

  constructor(options: ThreadPoolOptions) {
    this.#name = options.name;
    this.#queueMax = options.queueMax;
    this.#options = options;
    this.#piscina = this.#start();
  }

  get queued(): number {
    return this.#piscina.queueSize;
  }

  async run<T>(task: string, argument: unknown, options: RunOptions = {}): Promise<T> {
    if (this.#closed) throw this.#closedError(task);
    const deadline =
      options.deadlineMs === undefined ? undefined : AbortSignal.timeout(options.deadlineMs);
    const signals = [options.signal, deadline].filter((signal) => signal !== undefined);
    let outcome: Outcome<T>;
    try {
      const running = this.#piscina.run(
        { task, argument },
        signals.length === 0 ? {} : { signal: AbortSignal.any(signals) },
      );
      this.#loading.watch(this.#piscina.threads);
      outcome = await running;
    } catch (error) {
      throw this.#translate(task, error, options.signal, deadline);
    }
    return outcomeValue(outcome, task);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#loading.settled();
    await this.#piscina.destroy();
  }

  #start(): Piscina {
    const { url, threads, queueMax } = this.#options;
    const piscina = new Piscina({
      filename: url.href,
      name: 'run',
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 10_000,
      maxQueue: queueMax,
      // A task may await file and LevelDB calls; 'sync' would stop its event loop between tasks.
      atomics: 'disabled',
    });
    // A thread's death rejects its task; the pool-level event would otherwise end the process.
    piscina.on('error', () => undefined);
    piscina.on('workerDestroy', () => queueMicrotask(() => this.#replaceStranded(piscina)));
    return piscina;
  }

  /**
   * piscina replaces a thread when the next task comes; tasks that wait already, or that a thread
   * never began because it died at its start, would wait for that. They fail instead.
   */
  #replaceStranded(piscina: Piscina): void {
    const isStranded = piscina.threads.length === 0 && piscina.queueSize > 0;
    if (!isStranded || this.#closed || piscina !== this.#piscina) return;
    this.#piscina = this.#start();
    void piscina.destroy();
  }

  #translate(
    task: string,
    error: unknown,
    signal: AbortSignal | undefined,
    deadline: AbortSignal | undefined,
  ): ThemisError {
    const where = `task ${task} of pool ${this.#name}`;
    if (signal?.aborted === true) {
      return new ThemisError('THEMIS_ABORTED', `The caller aborted ${where}.`, error);
    }
    if (deadline?.aborted === true) {
      const message = `The deadline of ${where} passed; allow more time or reduce the load.`;
      return new ThemisError('THEMIS_DEADLINE_EXCEEDED', message, error);
    }
    if (this.#closed) return this.#closedError(task);
    const text = messageOf(error);
    if (/queue is at limit/i.test(text)) {
      const message = `Pool ${this.#name} has ${this.#queueMax} tasks waiting; retry ${task} later.`;
      return new ThemisError('THEMIS_OVERLOADED', message, error);
    }
    return new ThemisError('THEMIS_TASK_FAILED', `The thread of ${where} died: ${text}`, error);
  }

  #closedError(task: string): ThemisError {
    return new ThemisError('THEMIS_CLOSED', `Pool ${this.#name} is closed; ${task} was not run.`);
  }
}
