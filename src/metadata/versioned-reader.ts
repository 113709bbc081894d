/**
 * Reads of the state at a version: pending entries first, then the store.
 *
 * A version is either held by a live snapshot, and then the history has what was replaced since;
 * or it is that of the latest commit, and then the store has nothing newer at the time of the
 * call. A get of the latest version that waits for its answer may find a value that was committed
 * meanwhile; it returns it, as a get that was issued a moment later would. (An exact answer would
 * need history, and keeping history for every read would cost every write a read.)
 *
 * Pending entries are not merged into iterators: whoever creates one waits until everything up to
 * its version is applied.
 */
import type { Kernel } from '../kernel/index.js';
import {
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
} from './command.js';
import type { KeyRange, KeyValueStore } from './key-value-store.js';
import type { LiveSnapshots } from './live-snapshots.js';
import type { PendingIndex } from './pending-index.js';
import { ReadBatch } from './read-batch.js';
import { historyKey, toStoredKey, versionsKey } from './state-key.js';
import {
  checkCurrent,
  corrupt,
  currentValue,
  decodeHistory,
  decodeVersions,
  recordVersion,
} from './state-record.js';
import { BlobReference, type StoredValue } from './stored-value.js';
import { VersionedCursor } from './versioned-cursor.js';

export interface VersionedReaderOptions {
  readonly store: KeyValueStore;
  readonly kernel: Kernel;
  readonly pending: PendingIndex;
  /** The memory that the pending index's operations lie in. */
  readonly memory: Uint8Array;
  readonly liveSnapshots: LiveSnapshots;
  /** Told what a read failed with, its cursors' reads included. */
  readonly failed?: (error: unknown) => void;
}

export class VersionedReader {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;
  readonly #pending: PendingIndex;
  readonly #memory: Uint8Array;
  readonly #live: LiveSnapshots;
  readonly #batch: ReadBatch;
  readonly #failed: (error: unknown) => void;

  constructor(options: VersionedReaderOptions) {
    this.#store = options.store;
    this.#kernel = options.kernel;
    this.#pending = options.pending;
    this.#memory = options.memory;
    this.#live = options.liveSnapshots;
    this.#batch = new ReadBatch(options.store);
    this.#failed = options.failed ?? (() => undefined);
  }

  /** The value at a version: the latest committed one, or one that a live snapshot holds. */
  getSync(key: Uint8Array, version: number): StoredValue | undefined {
    try {
      return this.#getSync(key, version);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  async get(key: Uint8Array, version: number): Promise<StoredValue | undefined> {
    try {
      const pending = this.#pending.find(key, version);
      if (pending >= 0) return this.#pendingValue(pending);
      if (this.#live.holds(version)) return await this.#getHeld(key, version);
      const record = await this.#batch.get(toStoredKey(key));
      if (record === undefined) return undefined;
      checkCurrent(this.#kernel, key, record);
      return currentValue(record);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  async getMany(
    keys: readonly Uint8Array[],
    version: number,
  ): Promise<(StoredValue | undefined)[]> {
    try {
      if (this.#live.holds(version)) return await this.#getManyHeld(keys, version);
      return await this.#getManyLatest(keys, version);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  /**
   * A cursor over exactly what was committed at the version; everything up to it is applied, and
   * it is the latest or held while this call lasts. The cursor itself needs it no longer.
   */
  iterate(range: KeyRange, version: number): VersionedCursor {
    return new VersionedCursor(this.#store, this.#kernel, this.#live, range, version, this.#failed);
  }

  #getSync(key: Uint8Array, version: number): StoredValue | undefined {
    const pending = this.#pending.find(key, version);
    if (pending >= 0) return this.#pendingValue(pending);
    const record = this.#store.getSync(toStoredKey(key));
    if (record !== undefined) {
      checkCurrent(this.#kernel, key, record);
      if (recordVersion(record) <= version) return currentValue(record);
    }
    if (!this.#live.holds(version)) return record === undefined ? undefined : currentValue(record);
    return this.#historySync(key, version);
  }

  async #getManyLatest(
    keys: readonly Uint8Array[],
    version: number,
  ): Promise<(StoredValue | undefined)[]> {
    const values = new Array<StoredValue | undefined>(keys.length).fill(undefined);
    const places: number[] = [];
    const stored: Uint8Array[] = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Uint8Array;
      const pending = this.#pending.find(key, version);
      if (pending >= 0) {
        values[i] = this.#pendingValue(pending);
      } else {
        places.push(i);
        stored.push(toStoredKey(key));
      }
    }
    if (places.length === 0) return values;
    const records = await this.#store.getMany(stored);
    for (let i = 0; i < places.length; i++) {
      const record = records[i];
      if (record === undefined) continue;
      const place = places[i] as number;
      checkCurrent(this.#kernel, keys[place] as Uint8Array, record);
      values[place] = currentValue(record);
    }
    return values;
  }

  /** Reads at a snapshot; it stays held until the answer is there, even if its owner lets go. */
  async #getHeld(key: Uint8Array, version: number): Promise<StoredValue | undefined> {
    this.#live.acquire(version);
    try {
      return await this.#getExact(key, version);
    } finally {
      this.#live.release(version);
    }
  }

  async #getManyHeld(
    keys: readonly Uint8Array[],
    version: number,
  ): Promise<(StoredValue | undefined)[]> {
    this.#live.acquire(version);
    try {
      return await Promise.all(keys.map((key) => this.#getExact(key, version)));
    } finally {
      this.#live.release(version);
    }
  }

  async #getExact(key: Uint8Array, version: number): Promise<StoredValue | undefined> {
    const pending = this.#pending.find(key, version);
    if (pending >= 0) return this.#pendingValue(pending);
    const record = await this.#batch.get(toStoredKey(key));
    if (record !== undefined) {
      checkCurrent(this.#kernel, key, record);
      if (recordVersion(record) <= version) return currentValue(record);
    }
    if (this.#live.historyRecords === 0) return undefined;
    const list = await this.#batch.get(versionsKey(key));
    const found = this.#versionAt(key, list, version);
    if (found < 0) return undefined;
    return this.#historyValue(key, version, await this.#batch.get(historyKey(key, found)));
  }

  #historySync(key: Uint8Array, version: number): StoredValue | undefined {
    if (this.#live.historyRecords === 0) return undefined;
    const found = this.#versionAt(key, this.#store.getSync(versionsKey(key)), version);
    if (found < 0) return undefined;
    return this.#historyValue(key, version, this.#store.getSync(historyKey(key, found)));
  }

  /** The version of the value that a reader at `version` sees in the history, or -1. */
  #versionAt(key: Uint8Array, list: Buffer | undefined, version: number): number {
    if (list === undefined) return -1;
    for (const span of decodeVersions(this.#kernel, key, list)) {
      if (span.version <= version && version < span.until) return span.version;
    }
    return -1;
  }

  #historyValue(key: Uint8Array, version: number, record: Buffer | undefined): StoredValue {
    if (record === undefined) throw corrupt('a listed history record', key);
    const span = decodeHistory(this.#kernel, key, record);
    if (span.version <= version && version < span.until) return span.value;
    throw corrupt('a history record', key);
  }

  /** A copy: the ring's memory is used again once the operation is applied. */
  #pendingValue(offset: number): StoredValue | undefined {
    const memory = this.#memory;
    const kind = operationKind(memory, offset);
    if (kind === operationKinds.delete) return undefined;
    const start = offset + operationHeaderBytes + operationKeyBytes(memory, offset);
    const length = operationValueBytes(memory, offset);
    const value = Buffer.allocUnsafe(length);
    value.set(memory.subarray(start, start + length));
    return kind === operationKinds.blob ? new BlobReference(value) : value;
  }
}
