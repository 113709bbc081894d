/**
 * Gathers the gets of one tick into one call of the store: a thread hop costs ten to thirty
 * microseconds, whatever it carries.
 *
 * Why a caller still gets the value as of its call: the store is asked in a microtask of the same
 * turn of the event loop. A write that follows the get in this turn is not committed before it,
 * since the news of its commit arrives in a later turn; so it is not in the store either, where
 * only committed writes go. What was committed before the call but not yet applied was looked up
 * in the pending index at the call, and what was applied before is in the store. Between the call
 * and the microtask the store can only gain writes that were committed before or at that moment:
 * a result that is at least as new as the call, and not newer than its answer.
 */
import { limits } from '../config/index.js';
import type { KeyValueStore } from './key-value-store.js';

interface Waiting {
  readonly resolve: (record: Buffer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class ReadBatch {
  readonly #store: KeyValueStore;
  #keys: Uint8Array[] = [];
  #waiting: Waiting[] = [];

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** The record under a stored key, together with the other gets of this tick. */
  get(key: Uint8Array): Promise<Buffer | undefined> {
    if (this.#keys.length === 0) queueMicrotask(() => this.#send());
    this.#keys.push(key);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #send(): void {
    const keys = this.#keys;
    const waiting = this.#waiting;
    this.#keys = [];
    this.#waiting = [];
    // More keys than one call should carry are shared out among LevelDB's threads.
    for (let from = 0; from < keys.length; from += limits.readBatchKeysMax) {
      const to = Math.min(keys.length, from + limits.readBatchKeysMax);
      this.#read(keys.slice(from, to), waiting.slice(from, to));
    }
  }

  #read(keys: Uint8Array[], waiting: readonly Waiting[]): void {
    const [key] = keys;
    const read =
      keys.length === 1 && key !== undefined
        ? this.#store.get(key).then((record) => [record])
        : this.#store.getMany(keys);
    read.then(
      (records) => {
        for (let i = 0; i < waiting.length; i++) waiting[i]?.resolve(records[i]);
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error);
      },
    );
  }
}
