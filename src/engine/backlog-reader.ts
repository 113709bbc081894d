/**
 * Reads while the state still applies the log's backlog after a start: pending writes first, then
 * the backlog, then the state. When the backlog is applied, reads go straight to the state.
 *
 * A value of the backlog is read from the log, in its batch, whose checksums are verified again.
 * Asynchronous reads do that in a compute thread. `getSync` does it where it is called, as it does
 * with LevelDB's files.
 */
import { bufferOf } from '../base/index.js';
import type { FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  Backlog,
  type BacklogData,
  type BacklogPlace,
  BlobReference,
  type KeyOperation,
  type KeyRange,
  operationOn,
  type PendingIndex,
  type StoredValue,
  type VersionedCursor,
  type VersionedReader,
} from '../metadata/index.js';
import { LogReader } from '../wal/index.js';

/** Where the log lies; plain data. */
export interface LogPlace {
  readonly directory: string;
  readonly segmentBytes: number;
  /** Log position behind the last record of the backlog. */
  readonly limit: number;
}

/** Finds the newest operation on a key among records that may hold it, newest first. */
export function findInLog(
  log: LogPlace,
  places: Iterable<BacklogPlace>,
  key: Uint8Array,
  around: {
    readonly fileSystem: FileSystem;
    readonly kernel: Kernel;
    readonly staging: Uint8Array;
  },
): KeyOperation {
  for (const place of places) {
    const reader = new LogReader({ ...around, ...log }, place.batch);
    let found: KeyOperation = { kind: 'absent' };
    try {
      reader.next(log.limit, (record) => {
        if (record.index === place.index) found = operationOn(key, record);
      });
    } finally {
      reader.close();
    }
    if (found.kind !== 'absent') return found;
  }
  return { kind: 'absent' };
}

export interface BacklogReaderOptions {
  readonly reader: VersionedReader;
  readonly pending: PendingIndex;
  readonly backlog: BacklogData | null;
  /** Looks into the log at once. */
  readonly findSync: (places: Iterable<BacklogPlace>, key: Uint8Array) => KeyOperation;
  /** Looks into the log in another thread. */
  readonly find: (places: readonly BacklogPlace[], key: Uint8Array) => Promise<KeyOperation>;
  /** Told what a look into the log failed with. */
  readonly failed: (error: unknown) => void;
}

export class BacklogReader {
  readonly #options: BacklogReaderOptions;
  readonly #reader: VersionedReader;
  #backlog: Backlog | null;

  constructor(options: BacklogReaderOptions) {
    this.#options = options;
    this.#reader = options.reader;
    this.#backlog = options.backlog === null ? null : new Backlog(options.backlog);
  }

  /** Everything up to `index` is in the state. */
  applied(index: number): void {
    if (this.#backlog !== null && index >= this.#backlog.lastIndex) this.#backlog = null;
  }

  getSync(key: Uint8Array, version: number): StoredValue | undefined {
    const backlog = this.#backlogFor(key, version);
    if (backlog !== null) {
      const found = this.#findSync(backlog, key);
      if (found.kind !== 'absent') {
        return leftBy(found);
      }
    }
    return this.#reader.getSync(key, version);
  }

  get(key: Uint8Array, version: number): Promise<StoredValue | undefined> {
    const backlog = this.#backlogFor(key, version);
    if (backlog === null) return this.#reader.get(key, version);
    return this.#getBehind(backlog, key, version);
  }

  getMany(keys: readonly Uint8Array[], version: number): Promise<(StoredValue | undefined)[]> {
    if (this.#backlog === null) return this.#reader.getMany(keys, version);
    return Promise.all(keys.map((key) => this.get(key, version)));
  }

  iterate(range: KeyRange, version: number): VersionedCursor {
    return this.#reader.iterate(range, version);
  }

  /** The backlog, when it is to be asked before the state and no pending write answers. */
  #backlogFor(key: Uint8Array, version: number): Backlog | null {
    if (this.#backlog === null || this.#options.pending.find(key, version) >= 0) return null;
    return this.#backlog;
  }

  #findSync(backlog: Backlog, key: Uint8Array): KeyOperation {
    try {
      return this.#options.findSync(backlog.places(key), key);
    } catch (error) {
      this.#options.failed(error);
      throw error;
    }
  }

  async #find(places: readonly BacklogPlace[], key: Uint8Array): Promise<KeyOperation> {
    try {
      return await this.#options.find(places, key);
    } catch (error) {
      this.#options.failed(error);
      throw error;
    }
  }

  async #getBehind(backlog: Backlog, key: Uint8Array, version: number) {
    const places = [...backlog.places(key)];
    if (places.length === 0) return this.#reader.get(key, version);
    // The caller may use its key's bytes again before the answer is there.
    const own = Uint8Array.from(key);
    const found = await this.#find(places, own);
    if (found.kind === 'absent') return this.#reader.get(own, version);
    // Between threads a Buffer becomes a Uint8Array.
    return leftBy(found);
  }
}

/** What an operation leaves under its key. */
function leftBy(found: KeyOperation): StoredValue | undefined {
  if (found.kind !== 'put') return undefined;
  const bytes = bufferOf(found.value);
  return found.isBlob ? new BlobReference(bytes) : bytes;
}
