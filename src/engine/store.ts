/**
 * The store: puts the parts together that one open folder consists of. Writes go through the
 * committer to the replicated log and nowhere else; the state thread applies what is committed;
 * reads look at pending writes first, then at the state.
 *
 * Invariants: a read without a version sees every acknowledged write; a cursor sees exactly what
 * was committed when it was created; the ring is freed only behind what is applied.
 */
import { isThemisError, type ThemisError } from '../base/index.js';
import type { ReplicatedLog } from '../consensus/index.js';
import {
  BlobReference,
  type LiveSnapshots,
  type PendingIndex,
  type StoredValue,
  type VersionedCursor,
} from '../metadata/index.js';
import type { BacklogReader } from './backlog-reader.js';
import type { Checkpoint } from './checkpoint.js';
import type { Committer, WriteOperation } from './committer.js';
import type { KeyRange } from './level-options.js';
import type { EngineMetrics } from './metric-catalog.js';
import type { Observation } from './observation.js';
import type { StateClient } from './state-client.js';
import type { Health, StoreStatus } from './status.js';

export interface StoreCursor {
  /** Up to `count` further entries; none only at the end. Values may be those of `Store.whole`. */
  nextv(count: number): Promise<[Uint8Array, StoredValue][]>;
  seek(target: Uint8Array): void;
  close(): Promise<void>;
}

/** Values that lie on devices. */
export interface BlobSource {
  read(reference: BlobReference): Promise<Buffer>;
  readSync(reference: BlobReference): Buffer;
  /** No readable value names these any more. */
  died(blobs: readonly number[]): void;
}

/** What the store is built from; open-store.ts builds it. */
export interface StoreParts {
  readonly log: ReplicatedLog;
  readonly pending: PendingIndex;
  readonly reader: BacklogReader;
  readonly state: StateClient;
  readonly liveSnapshots: LiveSnapshots;
  readonly committer: Committer;
  readonly checkpoint: Checkpoint;
  readonly observation: Observation;
  readonly metrics: EngineMetrics;
  readonly blobs: BlobSource;
  /** Writes what was proposed, as far as there is space, and ends the log. */
  readonly endLog: () => Promise<void>;
  /** Ends threads and releases files and locks, in order. */
  readonly shutDown: () => Promise<void>;
}

/** Keys that one round of `clear` deletes. */
const clearKeysMax = 1000;

export class Store {
  readonly #parts: StoreParts;
  readonly #committer: Committer;
  readonly #count: EngineMetrics['operations'];
  #failure: ThemisError | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#committer = parts.committer;
    this.#count = parts.metrics.operations;
    parts.log.listener = {
      committed: (index, position) => {
        parts.state.commit(position, index);
        this.#committer.committed(index);
        parts.checkpoint.committed();
      },
      failed: (error) => this.#fail(error),
    };
    parts.state.listener = {
      applied: (index, position) => {
        parts.reader.applied(index);
        parts.pending.release(index);
        parts.log.release(position);
        this.#committer.roomFreed();
      },
      died: (blobs) => parts.blobs.died(blobs),
      failed: (error) => this.#fail(error),
    };
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    this.#count.put.inc();
    try {
      return this.#committer.put(key, value);
    } catch (error) {
      throw this.#counted(error);
    }
  }

  delete(key: Uint8Array): Promise<void> {
    this.#count.delete.inc();
    try {
      return this.#committer.delete(key);
    } catch (error) {
      throw this.#counted(error);
    }
  }

  write(operations: readonly WriteOperation[]): Promise<void> {
    this.#count.batch.inc();
    return this.#write(operations);
  }

  /**
   * Deletes up to `limit` keys of a range, in rounds of bounded batches; each round is atomic, the
   * whole is not.
   */
  async clear(
    range: KeyRange,
    limit: number,
    version = this.#parts.log.committedIndex,
  ): Promise<void> {
    this.#count.clear.inc();
    const cursor = this.#cursor(range, version);
    try {
      let left = limit;
      while (left > 0) {
        const entries = await cursor.nextv(Math.min(left, clearKeysMax));
        if (entries.length === 0) return;
        left -= entries.length;
        await this.#write(entries.map(([key]) => ({ type: 'del', key })));
      }
    } finally {
      await cursor.close();
    }
  }

  getSync(key: Uint8Array, version = this.#parts.log.committedIndex): Buffer | undefined {
    this.#count.get.inc();
    const value = this.#parts.reader.getSync(key, version);
    return value instanceof BlobReference ? this.#parts.blobs.readSync(value) : value;
  }

  async get(
    key: Uint8Array,
    version = this.#parts.log.committedIndex,
  ): Promise<Buffer | undefined> {
    this.#count.get.inc();
    const value = await this.#parts.reader.get(key, version);
    return value instanceof BlobReference ? this.whole(value) : value;
  }

  /** True when the key has a value; a value on devices is not read for that. */
  async has(key: Uint8Array, version = this.#parts.log.committedIndex): Promise<boolean> {
    this.#count.get.inc();
    return (await this.#parts.reader.get(key, version)) !== undefined;
  }

  async getMany(
    keys: readonly Uint8Array[],
    version = this.#parts.log.committedIndex,
  ): Promise<(Buffer | undefined)[]> {
    this.#count.get_many.inc();
    const values = await this.#parts.reader.getMany(keys, version);
    const read: (Buffer | undefined)[] = [];
    for (const value of values) {
      read.push(value instanceof BlobReference ? await this.whole(value) : value);
    }
    return read;
  }

  async hasMany(
    keys: readonly Uint8Array[],
    version = this.#parts.log.committedIndex,
  ): Promise<boolean[]> {
    this.#count.get_many.inc();
    const values = await this.#parts.reader.getMany(keys, version);
    return values.map((value) => value !== undefined);
  }

  /** The bytes of a value that lies on devices. */
  whole(reference: BlobReference): Promise<Buffer> {
    return this.#parts.blobs.read(reference);
  }

  /**
   * A cursor over what is committed now (or at a snapshot's version). It waits until the state has
   * applied that much; meanwhile the version is held alive, so that nothing of it is overwritten.
   */
  iterate(range: KeyRange, version = this.#parts.log.committedIndex): StoreCursor {
    this.#count.scan.inc();
    return this.#cursor(range, version);
  }

  /** Keeps the present version readable until it is released; returns it. */
  acquireSnapshot(): number {
    this.#count.snapshot.inc();
    const version = this.#parts.log.committedIndex;
    try {
      this.#parts.liveSnapshots.acquire(version);
    } catch (error) {
      throw this.#counted(error);
    }
    return version;
  }

  releaseSnapshot(version: number): void {
    this.#parts.liveSnapshots.release(version);
  }

  async takeSnapshot(): Promise<void> {
    try {
      await this.#parts.checkpoint.take();
    } catch (error) {
      throw this.#counted(error);
    }
  }

  status(): StoreStatus {
    return this.#parts.observation.status();
  }

  metrics(): Promise<string> {
    return this.#parts.observation.metricsText();
  }

  health(): Health {
    const findings: string[] = [];
    if (this.#failure !== null) findings.push(this.#failure.message);
    const checkpoint = this.#parts.checkpoint.failure;
    if (checkpoint !== null) findings.push(`The last snapshot failed: ${checkpoint.message}`);
    const { rebuilt, damages } = this.status().recovery;
    if (rebuilt !== null) findings.push(`The state was rebuilt at open: ${rebuilt.why}`);
    for (const damage of damages) findings.push(damage);
    if (this.#failure !== null) return { verdict: 'failed', findings };
    return { verdict: findings.length === 0 ? 'healthy' : 'degraded', findings };
  }

  /** Answers what was proposed, and lets go of the folder. What is not applied is in the log. */
  async close(): Promise<void> {
    const { checkpoint, endLog, shutDown } = this.#parts;
    this.#committer.close();
    await checkpoint.close();
    try {
      await endLog();
      await this.#committer.answered();
    } finally {
      await shutDown();
    }
  }

  #write(operations: readonly WriteOperation[]): Promise<void> {
    try {
      return this.#committer.write(operations);
    } catch (error) {
      throw this.#counted(error);
    }
  }

  #cursor(range: KeyRange, version: number): StoreCursor {
    const { state, reader, liveSnapshots, metrics } = this.#parts;
    try {
      if (state.appliedIndex >= version) return reader.iterate(range, version);
      liveSnapshots.acquire(version);
    } catch (error) {
      throw this.#counted(error);
    }
    const opened = state.whenApplied(version).then(() => reader.iterate(range, version));
    const released = opened.finally(() => liveSnapshots.release(version));
    return new WaitingCursor(released, metrics.countFailure);
  }

  /** Counts what an operation fails with; returns it. */
  #counted(error: unknown): unknown {
    this.#parts.metrics.countFailure(error);
    return error;
  }

  #fail(error: unknown): void {
    this.#failure ??= this.#committer.fail(error);
  }
}

/** A cursor whose state is still being applied. */
class WaitingCursor implements StoreCursor {
  readonly #opened: Promise<VersionedCursor>;
  readonly #failed: (error: unknown) => void;
  #target: Uint8Array | null = null;

  constructor(opened: Promise<VersionedCursor>, failed: (error: unknown) => void) {
    this.#opened = opened;
    this.#failed = failed;
    // A cursor that is closed unread must not leave a rejection behind; readers see it in nextv.
    opened.catch(ignoreClosed);
  }

  async nextv(count: number): Promise<[Uint8Array, StoredValue][]> {
    const cursor = await this.#opened.catch((error: unknown) => {
      this.#failed(error);
      throw error;
    });
    if (this.#target !== null) cursor.seek(this.#target);
    this.#target = null;
    return cursor.nextv(count);
  }

  seek(target: Uint8Array): void {
    this.#target = target;
  }

  async close(): Promise<void> {
    const cursor = await this.#opened.catch(ignoreClosed);
    await cursor?.close();
  }
}

/** For waits that a failure or a close ends: the error reaches whoever depends on the result. */
function ignoreClosed(error: unknown): undefined {
  if (isThemisError(error)) return undefined;
  throw error;
}
