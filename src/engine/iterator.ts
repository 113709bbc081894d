/** abstract-level's iterator over a cursor of the store. */
import { AbstractIterator } from 'abstract-level';
import { ThemisError } from '../base/index.js';
import { BlobReference } from '../metadata/index.js';
import type { IteratorOptions } from './level-options.js';
import type { StoreCursor } from './store-cursor.js';

type Entry = [Uint8Array | undefined, Uint8Array | undefined];
type StoredEntry = [Uint8Array | undefined, Uint8Array | BlobReference | undefined];

/** Entries fetched ahead by `next` after the first. */
const prefetch = 1000;

export class ThemisIterator<Level> extends AbstractIterator<Level, Uint8Array, Uint8Array> {
  readonly #cursor: StoreCursor;
  readonly #keys: boolean;
  readonly #values: boolean;
  readonly #largeValues: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #whole: (reference: BlobReference) => Promise<Buffer>;
  #cache: StoredEntry[] = [];
  #at = 0;
  #first = true;

  /** `whole` brings the bytes of a value that lies on devices, when it is handed out. */
  constructor(
    db: Level,
    options: IteratorOptions,
    cursor: StoreCursor,
    whole: (reference: BlobReference) => Promise<Buffer>,
  ) {
    super(db, options);
    this.#whole = whole;
    this.#cursor = cursor;
    this.#keys = options.keys;
    this.#values = options.values;
    this.#largeValues = options.largeValues !== false;
    this.#signal = options.signal;
  }

  async _next(): Promise<Entry | undefined> {
    if (this.#at < this.#cache.length) return this.#entryAt(this.#at++);
    // One entry first: often only one is wanted. Then many at once.
    const size = this.#first ? 1 : prefetch;
    this.#first = false;
    this.#cache = await this.#fetch(size);
    this.#at = 0;
    return this.#entryAt(this.#at++);
  }

  async _nextv(size: number): Promise<Entry[]> {
    this.#first = false;
    if (this.#at < this.#cache.length) {
      const taken = this.#cache.slice(this.#at, this.#at + size);
      this.#at += taken.length;
      return this.#wholeEntries(taken);
    }
    return this.#wholeEntries(await this.#fetch(size));
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

  /** Nothing is awaited for a value that is there already. */
  #entryAt(at: number): Entry | undefined | Promise<Entry> {
    const entry = this.#cache[at];
    return entry === undefined || isWhole(entry) ? entry : this.#wholeEntry(entry);
  }

  async #wholeEntry([key, value]: StoredEntry): Promise<Entry> {
    return [key, value instanceof BlobReference ? await this.#whole(value) : value];
  }

  /** One after the other: how much memory that takes is up to who asked for so many. */
  async #wholeEntries(entries: StoredEntry[]): Promise<Entry[]> {
    if (entries.every(isWhole)) return entries;
    const whole: Entry[] = [];
    for (const entry of entries) whole.push(await this.#wholeEntry(entry));
    return whole;
  }

  async #fetch(size: number): Promise<StoredEntry[]> {
    this.#checkAborted();
    const entries: StoredEntry[] = await this.#cursor.nextv(size);
    this.#checkAborted();
    if (!this.#keys) for (const entry of entries) entry[0] = undefined;
    if (!this.#values) for (const entry of entries) entry[1] = undefined;
    if (!this.#largeValues) for (const entry of entries) if (!isWhole(entry)) entry[1] = undefined;
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

function isWhole(entry: StoredEntry): entry is Entry {
  return !(entry[1] instanceof BlobReference);
}
