/**
 * Drives the log in the thread that uses it: for the simulator and for tests, with the same loop
 * and the same bytes. Steps run when the injected scheduler says so.
 */
import { isThemisError } from '../base/index.js';
import type { LogDriver } from './log-driver.js';
import type { LogLoop } from './log-loop.js';
import { answerRequest } from './log-request.js';
import type { LogWriter } from './log-writer.js';

export class LogInlineDriver implements LogDriver {
  readonly #loop: LogLoop;
  readonly #writer: LogWriter;
  readonly #defer: (task: () => void) => void;
  #scheduled = false;
  #changed: (() => void) | null = null;
  #failure: unknown = null;
  #stopped = false;

  constructor(loop: LogLoop, writer: LogWriter, defer: (task: () => void) => void) {
    this.#loop = loop;
    this.#writer = writer;
    this.#defer = defer;
  }

  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(() => this.#run());
  }

  watch(_seen: number, changed: () => void): void {
    this.#changed = changed;
    if (this.#failure !== null) this.wake();
  }

  /**
   * What the log's thread does when nothing came for a while: prepares spares, looks whether a full
   * disk has space again, and marks the end of the log.
   */
  background(): void {
    if (this.#failure !== null || this.#stopped) return;
    try {
      while (this.#writer.prepareSpare());
      this.#loop.setFull(false);
      if (!this.#loop.waiting) this.#writer.mark();
    } catch (error) {
      if (isThemisError(error, 'THEMIS_DISK_FULL')) {
        this.#loop.setFull(true);
        return;
      }
      this.#loop.fail();
      this.#failure = error;
    }
    this.wake();
  }

  async request<T>(task: string, argument: unknown): Promise<T> {
    return this.#perform(task, argument) as T;
  }

  async failure(): Promise<unknown> {
    return this.#failure;
  }

  async close(): Promise<void> {
    this.#changed = null;
  }

  get #isRunning(): boolean {
    return this.#failure === null && !this.#stopped;
  }

  #run(): void {
    this.#scheduled = false;
    try {
      while (this.#isRunning && this.#loop.step().kind === 'worked');
    } catch (error) {
      this.#failure = error;
    }
    const changed = this.#changed;
    this.#changed = null;
    changed?.();
  }

  #perform(task: string, argument: unknown): unknown {
    if (task !== 'stop') return answerRequest(this.#writer, task, argument);
    this.#stopped = true;
    while (this.#loop.step().kind === 'worked');
    this.#writer.close();
    this.#loop.stop();
    return null;
  }
}
