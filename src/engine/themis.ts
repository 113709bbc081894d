/**
 * Themis as an AbstractLevel (v3): encodings, hooks, sublevels, deferred open and events are
 * abstract-level's; this class maps its private API to the store. Declared honestly: buffers in
 * and out, implicit and explicit snapshots, `getSync`, abortable iterators.
 */
import { resolve } from 'node:path';
import { AbstractLevel } from 'abstract-level';
import { ThemisError } from '../base/index.js';
import {
  optionTable,
  type ThemisOptions,
  type ValidatedOptions,
  validateOptions,
} from '../config/index.js';
import { ThemisIterator } from './iterator.js';
import type { ClearOptions, IteratorOptions, ReadOptions } from './level-options.js';
import { type OpenStore, openStore } from './open-store.js';
import { ThemisSnapshot } from './snapshot.js';
import type { Health, StoreStatus } from './status.js';
import type { Store } from './store.js';

/** Operations as abstract-level hands them over: keys and values are encoded. */
type EncodedOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

/** What abstract-level's users may rely on; `getSync` is newer than its types. */
const manifest = {
  encodings: { buffer: true },
  has: true,
  getSync: true,
  createIfMissing: true,
  errorIfExists: true,
  implicitSnapshots: true,
  explicitSnapshots: true,
  permanence: true,
  seek: true,
  signals: { iterators: true },
  additionalMethods: { health: true, info: true, metrics: true, takeSnapshot: true },
};

/**
 * A database. Create it with `open`, or with `new Themis(location, options)` for abstract-level's
 * deferred open. Errors carry a stable `code`: abstract-level's `LEVEL_*` or `THEMIS_*`.
 */
export class Themis extends AbstractLevel<Uint8Array, string, string> {
  readonly #location: string;
  readonly #open: OpenStore;
  readonly #options: ValidatedOptions;
  #store: Store | null = null;

  /**
   * Options that Themis does not know go to abstract-level's hooks, as its users expect; `open`
   * refuses them. `openWith` is how tests put the store on other ports.
   */
  constructor(location: string, options: ThemisOptions = {}, openWith: OpenStore = openStore) {
    const validated = validateOptions(absolute(location), knownOptions(options));
    super(manifest, options);
    this.#location = validated.location;
    this.#open = openWith;
    this.#options = validated;
  }

  /** The folder that holds the data. */
  get location(): string {
    return this.#location;
  }

  /** What is well and what is not, in sentences and numbers. */
  async health(): Promise<Health> {
    return this.#opened().health();
  }

  /** Kernel, durability, positions, queues and what recovery did. */
  async info(): Promise<StoreStatus> {
    return this.#opened().status();
  }

  /** All metrics in Prometheus' text format. */
  async metrics(): Promise<string> {
    return this.#opened().metrics();
  }

  /**
   * Writes a snapshot of the state, so that the log before the older snapshot can be dropped.
   * Happens by itself as the log grows; call it before a backup or a planned stop.
   */
  async takeSnapshot(): Promise<void> {
    await this.#opened().takeSnapshot();
  }

  async _open(options: { createIfMissing: boolean; errorIfExists: boolean }): Promise<void> {
    const { createIfMissing, errorIfExists } = options;
    this.#store = await this.#open({ ...this.#options, createIfMissing, errorIfExists });
  }

  async _close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    await store?.close();
  }

  _put(key: Uint8Array, value: Uint8Array): Promise<void> {
    return this.#opened().put(key, value);
  }

  _del(key: Uint8Array): Promise<void> {
    return this.#opened().delete(key);
  }

  async _batch(operations: readonly EncodedOperation[]): Promise<void> {
    if (operations.length > 0) await this.#opened().write(operations);
  }

  _get(key: Uint8Array, options: ReadOptions): Promise<Buffer | undefined> {
    const store = this.#opened();
    return store.get(key, options.snapshot?.versionIn(store));
  }

  _getSync(key: Uint8Array, options: ReadOptions): Buffer | undefined {
    const store = this.#opened();
    return store.getSync(key, options.snapshot?.versionIn(store));
  }

  _getMany(keys: readonly Uint8Array[], options: ReadOptions): Promise<(Buffer | undefined)[]> {
    const store = this.#opened();
    return store.getMany(keys, options.snapshot?.versionIn(store));
  }

  _has(key: Uint8Array, options: ReadOptions): Promise<boolean> {
    const store = this.#opened();
    return store.has(key, options.snapshot?.versionIn(store));
  }

  _hasMany(keys: readonly Uint8Array[], options: ReadOptions): Promise<boolean[]> {
    const store = this.#opened();
    return store.hasMany(keys, options.snapshot?.versionIn(store));
  }

  async _clear(options: ClearOptions): Promise<void> {
    const { snapshot, limit, ...range } = options;
    const most = limit === undefined || limit < 0 ? Number.POSITIVE_INFINITY : limit;
    const store = this.#opened();
    await store.clear(range, most, snapshot?.versionIn(store));
  }

  _iterator(options: IteratorOptions): ThemisIterator<this> {
    const { snapshot, limit: _limit, ...range } = options;
    const store = this.#opened();
    const cursor = store.iterate(range, snapshot?.versionIn(store));
    return new ThemisIterator(this, options, cursor, (value) => store.whole(value));
  }

  _snapshot(options: { owner: unknown }): ThemisSnapshot {
    return new ThemisSnapshot(options, this.#opened());
  }

  #opened(): Store {
    if (this.#store !== null) return this.#store;
    const message = `The database at ${this.#location} is not open; open it first.`;
    throw new ThemisError('THEMIS_CLOSED', message);
  }
}

/** Files are named by their whole path: the process may change its folder later. */
function absolute(location: string): string {
  return typeof location === 'string' && location !== '' ? resolve(location) : location;
}

function knownOptions(options: ThemisOptions): ThemisOptions {
  if (typeof options !== 'object' || options === null) return options;
  const known = new Set<string>(optionTable.map(({ name }) => name));
  return Object.fromEntries(Object.entries(options).filter(([name]) => known.has(name)));
}
