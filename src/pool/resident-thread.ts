/**
 * A piscina pool of one thread whose task never ends: it starts, reports, and then serves a ring
 * in shared memory until it is told to stop. No message per record crosses the border; requests
 * that are rare travel over a port.
 *
 * The task's `start` returns a value (a recovery report, say) and leaves its loop running, so that
 * piscina counts it as done and an idle engine does not keep the process alive; `ref` does, while
 * work is in flight. The death of the thread is a fault that `died` reports, never a hang.
 */
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { messageOf, must, ThemisError } from '../base/index.js';
import { LoadingThreads } from './loading-threads.js';
import { type Outcome, outcomeValue } from './outcome.js';

export interface ResidentThreadOptions {
  /** For messages: `log`, `state`. */
  readonly name: string;
  readonly url: URL;
}

/** A request and its answer, paired by number. */
interface Request {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly task: string;
}

interface Answer {
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

export class ResidentThread {
  readonly #name: string;
  readonly #piscina: Piscina;
  readonly #port: MessagePort;
  readonly #workerPort: MessagePort;
  readonly #requests = new Map<number, Request>();
  readonly #worker: Worker;
  /** Rejects at the death of the thread. */
  readonly #dying: Promise<never>;
  #rejectDying: (death: ThemisError) => void = () => undefined;
  readonly #loading = new LoadingThreads();
  #nextId = 1;
  #references = 0;
  #closing = false;
  #death: ThemisError | null = null;
  #onDeath: ((error: ThemisError) => void) | null = null;
  #onEvent: ((event: unknown) => void) | null = null;

  constructor(options: ResidentThreadOptions) {
    this.#name = options.name;
    this.#piscina = new Piscina({
      filename: options.url.href,
      name: 'run',
      minThreads: 1,
      maxThreads: 1,
      maxQueue: 8,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#workerPort = port2;
    this.#piscina.on('error', (error: unknown) => this.#die(messageOf(error)));
    port1.on('message', (message: Answer | { event: unknown }) => this.#receive(message));
    port1.unref();
    this.#dying = new Promise((_, reject) => {
      this.#rejectDying = reject;
    });
    // A thread may die while nothing is run; `died` tells that.
    this.#dying.catch(() => undefined);
    this.#worker = must(this.#piscina.threads[0], 'piscina starts the least number of threads');
    this.#loading.watch([this.#worker]);
    this.#worker.once('exit', (code: number) => this.#die(`exit code ${code}`));
  }

  /** Called once if the thread ends before it is closed. */
  set died(listener: (error: ThemisError) => void) {
    this.#onDeath = listener;
    if (this.#death !== null) listener(this.#death);
  }

  /** Called for what the thread reports by itself. */
  set reported(listener: (event: unknown) => void) {
    this.#onEvent = listener;
  }

  /** Runs a task in the thread before its loop is started. */
  prepare<T>(task: string, argument: unknown): Promise<T> {
    return this.#run<T>({ task, argument }, []);
  }

  /** Starts the loop; resolves with what its start returned. Nothing can be prepared after. */
  start<T>(argument: unknown): Promise<T> {
    return this.#run<T>({ argument, port: this.#workerPort }, [this.#workerPort]);
  }

  async #run<T>(message: object, transferList: MessagePort[]): Promise<T> {
    if (this.#death !== null) throw this.#death;
    let outcome: Outcome<T>;
    try {
      // piscina leaves a task without an answer whose thread died before it was ready.
      outcome = await Promise.race([this.#piscina.run(message, { transferList }), this.#dying]);
    } catch (error) {
      throw this.#die(messageOf(error));
    }
    return outcomeValue(outcome, this.#name);
  }

  /** Sends a rare request; the loop answers it between batches. `wake` must follow. */
  request<T>(task: string, argument: unknown): Promise<T> {
    if (this.#death !== null) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const settle = (value: unknown) => resolve(value as T);
      this.#requests.set(id, { resolve: settle, reject, task });
      this.ref();
      this.#port.postMessage({ id, task, argument });
    });
  }

  /** While referenced (calls are counted), the thread keeps the process alive. */
  ref(): void {
    if (this.#references++ === 0) this.#worker.ref();
  }

  unref(): void {
    if (--this.#references === 0) this.#worker.unref();
  }

  /** Ends the thread; safe to call more than once and after its death. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#loading.settled();
    await this.#piscina.destroy();
    this.#port.close();
    this.#rejectAll(new ThemisError('THEMIS_CLOSED', `The ${this.#name} thread was closed.`));
  }

  #receive(message: Answer | { event: unknown }): void {
    if ('event' in message) {
      this.#onEvent?.(message.event);
      return;
    }
    const request = this.#requests.get(message.id);
    if (request === undefined) return;
    this.#requests.delete(message.id);
    this.unref();
    try {
      const task = `${request.task} of the ${this.#name} thread`;
      request.resolve(outcomeValue(message.outcome, task));
    } catch (error) {
      request.reject(error);
    }
  }

  #die(why: string): ThemisError {
    // piscina has started another one by now, which nobody asked for; close ends it.
    this.#loading.watch(this.#piscina.threads);
    if (this.#death !== null) return this.#death;
    const message = `The ${this.#name} thread ended unexpectedly (${why}); close and reopen.`;
    const death = new ThemisError('THEMIS_TASK_FAILED', message);
    if (this.#closing) return death;
    this.#death = death;
    this.#rejectAll(death);
    this.#rejectDying(death);
    this.#onDeath?.(death);
    return death;
  }

  #rejectAll(error: ThemisError): void {
    for (const request of this.#requests.values()) {
      this.unref();
      request.reject(error);
    }
    this.#requests.clear();
  }
}
