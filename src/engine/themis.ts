/**
 * Themis as an AbstractLevel (v3): encodings, hooks, sublevels, deferred open and events are
 * abstract-level's; this class maps its private API to the store. Declared honestly: buffers in
 * and out, implicit and explicit snapshots, `getSync`, abortable iterators.
 */
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { AbstractLevel } from 'abstract-level';
import { ThemisError } from '../base/index.js';
import {
  optionTable,
  type ThemisOptions,
  type ValidatedOptions,
  validateOptions,
} from '../config/index.js';
import type { ByteRange, RepairJob } from '../shard/index.js';
import { ThemisIterator } from './iterator.js';
import type { ClearOptions, IteratorOptions, ReadOptions } from './level-options.js';
import { type OpenStore, openStore } from './open-store.js';
import { ThemisSnapshot } from './snapshot.js';
import type { DeviceStatus, Health, StoreStatus, ValueStat } from './status.js';
import type { Store } from './store.js';

/** Operations as abstract-level hands them over: keys and values are encoded. */
type EncodedOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

/** A part of a value, in bytes, and whose version of it. */
export interface StreamOptions extends ByteRange, ReadOptions {}

export interface ProgressOptions {
  /** Called as the work goes on. */
  readonly onProgress?: (job: RepairJob) => void;
}

export interface RepairOptions extends ProgressOptions {
  /** Only the value of this key. */
  readonly key?: string | Uint8Array;
}

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
  additionalMethods: {
    health: true,
    info: true,
    metrics: true,
    takeSnapshot: true,
    putStream: true,
    getStream: true,
    stat: true,
    devices: true,
    addDevice: true,
    replaceDevice: true,
    removeDevice: true,
    repair: true,
    scrub: true,
  },
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
    const validated = wholePaths(validateOptions(absolute(location), knownOptions(options)));
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

  /**
   * Writes a value of any length from a stream, at constant memory: bytes or text from a Readable,
   * a web stream or any async iterable. Resolves when it is durable; when the stream fails, the key
   * keeps the value that it had. The key is in the database's encoding, or its bytes.
   */
  async putStream(
    key: string | Uint8Array,
    source: AsyncIterable<Uint8Array | string>,
  ): Promise<void> {
    await this.#deferred();
    await this.#opened().putStream(this.#encodedKey(key), source);
  }

  /**
   * Reads a value of any length, or the bytes [start, end) of it, at constant memory. The stream
   * fails with THEMIS_KEY_NOT_FOUND when there is none.
   */
  getStream(key: string | Uint8Array, options: StreamOptions = {}): Readable {
    const { start, end, snapshot } = checkedRange(options);
    const chunks = this.#chunks(key, { start, end }, snapshot);
    return Readable.from(chunks, { objectMode: false });
  }

  /** What a key holds: its length, and how it is kept when it is large; undefined for no value. */
  async stat(key: string | Uint8Array): Promise<ValueStat | undefined> {
    await this.#deferred();
    return this.#opened().stat(this.#encodedKey(key));
  }

  /** The devices that hold large values; empty while there are none. */
  async devices(): Promise<readonly DeviceStatus[]> {
    await this.#deferred();
    return this.#opened().blobs.devices;
  }

  /** Makes an empty folder a device, or a spare for the next one that fails. */
  async addDevice(path: string, options: { spare?: boolean } = {}): Promise<DeviceStatus> {
    await this.#deferred();
    return this.#opened().blobs.addDevice(absolute(path), options.spare === true);
  }

  /** Puts an empty folder in the place of a device; what that held is rebuilt there. */
  async replaceDevice(device: number, path: string): Promise<DeviceStatus> {
    await this.#deferred();
    return this.#opened().blobs.replaceDevice(device, absolute(path));
  }

  /** Forgets a device; what it held is rebuilt on the others. Its folder stays as it is. */
  async removeDevice(device: number): Promise<void> {
    await this.#deferred();
    await this.#opened().blobs.removeDevice(device);
  }

  /**
   * Looks whether every large value is whole, by the index or for one key, and makes anew what is
   * missing. Happens by itself; call it to wait for the end. Resolves with what was found.
   */
  async repair(options: RepairOptions = {}): Promise<RepairJob> {
    await this.#deferred();
    const { key, onProgress = () => undefined } = options;
    const store = this.#opened();
    if (key === undefined) return store.blobs.repair({ kind: 'survey' }, onProgress);
    return store.blobs.repair({ kind: 'key', key: this.#encodedKey(key) }, onProgress);
  }

  /** Reads and verifies all large values at full speed, and repairs what is not as it was written. */
  async scrub({ onProgress = () => undefined }: ProgressOptions = {}): Promise<RepairJob> {
    await this.#deferred();
    return this.#opened().blobs.repair({ kind: 'scrub' }, onProgress);
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

  async *#chunks(
    key: string | Uint8Array,
    range: ByteRange,
    snapshot: ReadOptions['snapshot'],
  ): AsyncGenerator<Buffer, void, undefined> {
    await this.#deferred();
    const store = this.#opened();
    yield* store.getStream(this.#encodedKey(key), range, snapshot?.versionIn(store));
  }

  /** Waits for an open that is under way, as abstract-level's own methods do. */
  async #deferred(): Promise<void> {
    if (this.status === 'opening') await this.open({ passive: true });
  }

  #encodedKey(key: string | Uint8Array): Uint8Array {
    if (key === undefined || key === null) {
      throw new ThemisError('THEMIS_CONFIG_INVALID', 'The key is missing; give one.');
    }
    return key instanceof Uint8Array ? key : bytesOf(this.keyEncoding().encode(key));
  }

  #opened(): Store {
    if (this.#store !== null) return this.#store;
    const message = `The database at ${this.#location} is not open; open it first.`;
    throw new ThemisError('THEMIS_CLOSED', message);
  }
}

function bytesOf(encoded: unknown): Uint8Array {
  if (encoded instanceof Uint8Array) return encoded;
  return Buffer.from(String(encoded));
}

function checkedRange(options: StreamOptions): StreamOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ThemisError('THEMIS_CONFIG_INVALID', 'The options of a stream are an object.');
  }
  for (const name of ['start', 'end'] as const) {
    const value = options[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    const message = `${name} is ${String(value)}; it must be a number of bytes from 0.`;
    throw new ThemisError('THEMIS_CONFIG_INVALID', message);
  }
  return options;
}

function wholePaths(options: ValidatedOptions): ValidatedOptions {
  const { devices, spares } = options;
  return Object.freeze({
    ...options,
    ...(devices === undefined ? {} : { devices: devices.map(absolute) }),
    ...(spares === undefined ? {} : { spares: spares.map(absolute) }),
  });
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
