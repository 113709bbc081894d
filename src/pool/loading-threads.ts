/**
 * Threads that are still loading their code. One that is ended meanwhile may take the process with
 * it: Node 20 aborts when a thread is terminated inside `require` of a module that is being linked
 * (v8::Module::IsGraphAsync "must be used on an instantiated module"). So whoever ends threads
 * waits until they are loaded.
 */
import type { Worker } from 'node:worker_threads';

export class LoadingThreads {
  readonly #seen = new WeakSet<Worker>();
  readonly #loading = new Set<Worker>();
  #onChange: () => void = () => undefined;

  /** Takes note of threads that were just started; those it knows are passed over. */
  watch(threads: readonly Worker[]): void {
    for (const thread of threads) {
      if (this.#seen.has(thread)) continue;
      this.#seen.add(thread);
      this.#loading.add(thread);
      const done = (): void => {
        if (this.#loading.delete(thread)) this.#onChange();
      };
      // The first message of a piscina thread to its parent says that it is ready.
      thread.once('message', done);
      thread.once('exit', done);
    }
  }

  /** Resolves when every thread has loaded its code or has ended. */
  async settled(): Promise<void> {
    while (this.#loading.size > 0) {
      // An idle engine's threads do not keep the process alive; this wait does.
      for (const thread of this.#loading) thread.ref();
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}
