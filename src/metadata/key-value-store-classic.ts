/**
 * The store on LevelDB, through classic-level.
 *
 * classic-level's public methods resolve encodings and options and copy them on every call. All
 * keys and values here are bytes, so the methods behind them (`_get`, `_getSync`, ...) are called
 * directly: that saves about a third of a `getSync`, and writing through the chained batch costs
 * 1.0 us an entry instead of 2.5 us for an array of operation objects. What the public methods
 * guard against is guarded here: no call reaches a database that is not open.
 *
 * With `multithreading` all handles of a process share one LevelDB, which uses the block cache of
 * the handle that opened it and dies with that cache: whoever opens a folder first closes it last.
 */
import { ClassicLevel } from 'classic-level';
import { assert, codeOf, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import type {
  KeyRange,
  KeyValueBatch,
  KeyValueEntry,
  KeyValueIterator,
  KeyValueStore,
  KeyValueStores,
} from './key-value-store.js';

/** The methods of an opened ClassicLevel that abstract-level puts its own in front of. */
interface RawLevel {
  _get(key: Uint8Array, options: object): Promise<Buffer | undefined>;
  _getSync(key: Uint8Array, options: object): Buffer | undefined;
  _getMany(keys: Uint8Array[], options: object): Promise<(Buffer | undefined)[]>;
  _chainedBatch(options: object): RawBatch;
}

interface RawBatch {
  _put(key: Uint8Array, value: Uint8Array): void;
  _del(key: Uint8Array): void;
  _clear(): void;
  _write(options: object): Promise<void>;
}

const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
const readOptions = { ...encodings, fillCache: true } as const;
const syncOptions = { sync: true } as const;
const asyncOptions = { sync: false } as const;

export function classicStores(fileSystem: FileSystem): KeyValueStores {
  return {
    open: (path) => openClassicStore(path),
    exists: (path) => fileSystem.stat(path) !== null && fileSystem.list(path).length > 0,
    rename: (from, to) => fileSystem.rename(from, to),
    remove: (path) => fileSystem.removeTree(path),
  };
}

/** Opens or creates a LevelDB folder. LevelDB's own error is the cause of the ThemisError. */
export async function openClassicStore(
  path: string,
  cacheBytes: number = limits.stateCacheBytes,
): Promise<KeyValueStore> {
  const level = new ClassicLevel<Buffer, Buffer>(path, encodings);
  try {
    await level.open({
      multithreading: true,
      compression: false,
      writeBufferSize: limits.stateWriteBufferBytes,
      maxFileSize: limits.stateFileBytes,
      // Only the handle that opens the folder first brings its cache along.
      cacheSize: cacheBytes,
    });
  } catch (error) {
    throw openError(path, error);
  }
  return new ClassicStore(level, rawLevel(level));
}

class ClassicStore implements KeyValueStore {
  readonly #level: ClassicLevel<Buffer, Buffer>;
  readonly #raw: RawLevel;
  #open = true;

  constructor(level: ClassicLevel<Buffer, Buffer>, raw: RawLevel) {
    this.#level = level;
    this.#raw = raw;
  }

  batch(): KeyValueBatch {
    this.#check();
    return new ClassicBatch(this.#raw._chainedBatch({}));
  }

  async write(batch: KeyValueBatch, options: { readonly sync: boolean }): Promise<void> {
    this.#check();
    assert(batch instanceof ClassicBatch, 'a batch is written to the store that made it');
    try {
      await batch.raw._write(options.sync ? syncOptions : asyncOptions);
    } catch (error) {
      throw storeError(error);
    }
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    this.#check();
    try {
      return await this.#raw._get(key, readOptions);
    } catch (error) {
      throw storeError(error);
    }
  }

  getSync(key: Uint8Array): Buffer | undefined {
    this.#check();
    try {
      return this.#raw._getSync(key, readOptions);
    } catch (error) {
      throw storeError(error);
    }
  }

  async getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]> {
    this.#check();
    try {
      return await this.#raw._getMany(keys, readOptions);
    } catch (error) {
      throw storeError(error);
    }
  }

  iterate(range: KeyRange): KeyValueIterator {
    this.#check();
    const options = { ...levelRange(range), highWaterMarkBytes: limits.stateFetchBytes };
    return new ClassicIterator(this.#level.iterator(options));
  }

  async clear(range: KeyRange): Promise<void> {
    this.#check();
    try {
      await this.#level.clear(levelRange(range));
    } catch (error) {
      throw storeError(error);
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#level.close();
  }

  #check(): void {
    if (!this.#open) throw closedError();
  }
}

class ClassicBatch implements KeyValueBatch {
  readonly raw: RawBatch;

  constructor(raw: RawBatch) {
    this.raw = raw;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.raw._put(key, value);
  }

  delete(key: Uint8Array): void {
    this.raw._del(key);
  }

  clear(): void {
    this.raw._clear();
  }
}

interface LevelIterator {
  nextv(count: number): Promise<[Buffer, Buffer][]>;
  seek(target: Buffer): void;
  close(): Promise<void>;
}

class ClassicIterator implements KeyValueIterator {
  readonly #iterator: LevelIterator;

  constructor(iterator: LevelIterator) {
    this.#iterator = iterator;
  }

  async nextv(count: number): Promise<KeyValueEntry[]> {
    try {
      return await this.#iterator.nextv(count);
    } catch (error) {
      throw storeError(error);
    }
  }

  seek(target: Uint8Array): void {
    this.#iterator.seek(asBuffer(target));
  }

  close(): Promise<void> {
    return this.#iterator.close();
  }
}

function levelRange(range: KeyRange): { [name: string]: Buffer | boolean } {
  const options: { [name: string]: Buffer | boolean } = {};
  if (range.gte !== undefined) options['gte'] = asBuffer(range.gte);
  if (range.gt !== undefined) options['gt'] = asBuffer(range.gt);
  if (range.lt !== undefined) options['lt'] = asBuffer(range.lt);
  if (range.lte !== undefined) options['lte'] = asBuffer(range.lte);
  if (range.reverse === true) options['reverse'] = true;
  return options;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A release of classic-level that renames what is used here must fail at open, by name. */
function rawLevel(level: object): RawLevel {
  assert(
    isRawLevel(level),
    'classic-level has the methods _get, _getSync, _getMany, _chainedBatch',
  );
  return level;
}

function isRawLevel(level: object): level is RawLevel {
  return '_get' in level && '_getSync' in level && '_getMany' in level && '_chainedBatch' in level;
}

function closedError(): ThemisError {
  return new ThemisError('THEMIS_CLOSED', 'The state is closed; open the engine again to read it.');
}

function storeError(error: unknown): ThemisError {
  if (codeOf(error) === 'LEVEL_CORRUPTION' || /corruption/i.test(messageOf(error))) {
    return new ThemisError(
      'THEMIS_STATE_CORRUPT',
      `LevelDB found damage in its files (${messageOf(error)}); reopen to rebuild the state.`,
      error,
    );
  }
  if (codeOf(error) === 'LEVEL_DATABASE_NOT_OPEN' || codeOf(error) === 'LEVEL_ITERATOR_NOT_OPEN') {
    return closedError();
  }
  if (/no space left|disk quota/i.test(messageOf(error))) {
    return new ThemisError(
      'THEMIS_DISK_FULL',
      `LevelDB found no space (${messageOf(error)}). What was acknowledged is in the log; free ` +
        'space, then close and reopen.',
      error,
    );
  }
  return new ThemisError(
    'THEMIS_IO',
    `LevelDB could not read or write its files (${messageOf(error)}); check disk and permissions.`,
    error,
  );
}

function openError(path: string, error: unknown): ThemisError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    return new ThemisError(
      'LEVEL_LOCKED',
      `The state in ${path} is open in another process; close that one first.`,
      error,
    );
  }
  return new ThemisError(
    'THEMIS_STATE_CORRUPT',
    `LevelDB cannot open ${path} (${messageOf(cause)}); the state has to be rebuilt.`,
    error,
  );
}
