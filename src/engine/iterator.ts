/** abstract-level's iterator over a cursor of the store. */
import { AbstractIterator } from 'abstract-level';
import { ThemisError } from '../base/index.js';
import type { IteratorOptions } from './level-options.js';
import type { StoreCursor } from './store.js';

type Entry = [Uint8Array | undefined, Uint8Array | undefined];

/** Entries fetched ahead by `next` after the first. */
const prefetch = 1000;

export class ThemisIterator<Level> extends AbstractIterator<Level, Uint8Array, Uint8Array> {
  readonly #cursor: StoreCursor;
  readonly #keys: boolean;
  readonly #values: boolean;
  readonly #signal: AbortSignal | undefined;
  #cache: Entry[] = [];
  #at = 0;
  #first = true;

  constructor(db: Level, options: IteratorOptions, cursor: StoreCursor) {
    super(db, options);
    this.#cursor = cursor;
    this.#keys = options.keys;
    this.#values = options.values;
    this.#signal = options.signal;
  }

  async _next(): Promise<Entry | undefined> {
    if (this.#at < this.#cache.length) return this.#cache[this.#at++];
    // One entry first: often only one is wanted. Then many at once.
    const size = this.#first ? 1 : prefetch;
    this.#first = false;
    this.#cache = await this.#fetch(size);
    this.#at = 0;
    return this.#cache[this.#at++];
  }

  async _nextv(size: number): Promise<Entry[]> {
    this.#first = false;
    if (this.#at < this.#cache.length) {
      const taken = this.#cache.slice(this.#at, this.#at + size);
      this.#at += taken.length;
      return taken;
    }
    return this.#fetch(size);
  }

  _seek(target: Uint8Array): void {
    this.#cache = [];
    this.#at = 0;
    this.#first = true;
    this.#cursor.seek(target);
  }

  async _close(): Promise<void> {
    this.#cache = [];
    await this.#cursor.close();
  }

  async #fetch(size: number): Promise<Entry[]> {
    this.#checkAborted();
    const entries: Entry[] = await this.#cursor.nextv(size);
    this.#checkAborted();
    if (!this.#keys) for (const entry of entries) entry[0] = undefined;
    if (!this.#values) for (const entry of entries) entry[1] = undefined;
    return entries;
  }

  #checkAborted(): void {
    if (this.#signal?.aborted !== true) return;
    const error = new ThemisError(
      'LEVEL_ABORTED',
      'The iterator was aborted.',
      this.#signal.reason,
    );
    // As abstract-level and the web name it.
    error.name = 'AbortError';
    throw error;
  }
}
