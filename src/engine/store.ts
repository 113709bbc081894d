/**
 * The store: puts the parts together that one open folder consists of. Writes go through the
 * committer to the replicated log and nowhere else; the state thread applies what is committed;
 * reads look at pending writes first, then at the state.
 *
 * Invariants: a read without a version sees every acknowledged write; a cursor sees exactly what
 * was committed when it was created; the ring is freed only behind what is applied.
 */
import { isThemisError, ThemisError } from '../base/index.js';
import type { ReplicatedLog } from '../consensus/index.js';
import {
  BlobReference,
  type LiveSnapshots,
  type PendingIndex,
  type StoredValue,
} from '../metadata/index.js';
import type { ByteRange, RepairJob, ShardHealthReport } from '../shard/index.js';
import type { BacklogReader } from './backlog-reader.js';
import type { Checkpoint } from './checkpoint.js';
import type { Committer, WriteOperation } from './committer.js';
import type { KeyRange } from './level-options.js';
import type { EngineMetrics } from './metric-catalog.js';
import type { Observation } from './observation.js';
import type { StateClient } from './state-client.js';
import type { DeviceStatus, Health, RepairRequest, StoreStatus, ValueStat } from './status.js';
import { HoldingCursor, type StoreCursor, WaitingCursor } from './store-cursor.js';
import type { ValueWriter } from './value-writer.js';

/** Values that lie on devices. */
export interface BlobSource {
  /** False as long as there certainly are none. */
  readonly inUse: boolean;
  read(reference: BlobReference): Promise<Buffer>;
  readSync(reference: BlobReference): Buffer;
  /** The value in chunks, or a part of it. */
  readStream(reference: BlobReference, range: ByteRange): AsyncIterable<Buffer>;
  stat(reference: BlobReference): Promise<ValueStat>;
  readonly devices: readonly DeviceStatus[];
  readonly reports: readonly ShardHealthReport[];
  /** Why what crashed writes left could not be collected, or null. */
  readonly garbageFailure: ThemisError | null;
  repair(what: RepairRequest, onChange: (job: RepairJob) => void): Promise<RepairJob>;
  addDevice(path: string, isSpare: boolean): Promise<DeviceStatus>;
  replaceDevice(device: number, path: string): Promise<DeviceStatus>;
  removeDevice(device: number): Promise<void>;
  /** No readable value names these any more. */
  died(blobs: readonly BlobReference[]): void;
  /** What waits fails, what is durable is told; nothing is written any more. */
  close(): Promise<void>;
}

/** What the store is built from; open-store.ts builds it. */
export interface StoreParts {
  readonly log: ReplicatedLog;
  readonly pending: PendingIndex;
  readonly reader: BacklogReader;
  readonly state: StateClient;
  readonly liveSnapshots: LiveSnapshots;
  readonly committer: Committer;
  readonly writer: ValueWriter;
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
      return this.#parts.writer.put(key, value);
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
    return value instanceof BlobReference ? this.#wholeOf(key, version, value) : value;
  }

  /** Writes a value that comes in chunks. */
  putStream(key: Uint8Array, source: AsyncIterable<unknown>): Promise<void> {
    this.#count.put.inc();
    return this.#parts.writer.putStream(key, source);
  }

  /**
   * The value, or a part of it, in chunks: what it is at the first read, whatever is written
   * meanwhile, or at a snapshot's version. Throws THEMIS_KEY_NOT_FOUND.
   */
  async *getStream(
    key: Uint8Array,
    range: ByteRange,
    snapshotVersion?: number,
  ): AsyncGenerator<Buffer, void, undefined> {
    this.#count.get.inc();
    const { reader, blobs, log } = this.#parts;
    const version = snapshotVersion ?? log.committedIndex;
    const release = this.#hold(version);
    try {
      const value = await reader.get(key, version);
      if (value === undefined) throw notFound(key);
      if (value instanceof BlobReference) yield* blobs.readStream(value, range);
      else yield value.subarray(range.start, range.end);
    } catch (error) {
      throw this.#counted(error);
    } finally {
      release();
    }
  }

  /** What a key holds, without reading it; undefined for no value. */
  async stat(key: Uint8Array): Promise<ValueStat | undefined> {
    this.#count.get.inc();
    const value = await this.#parts.reader.get(key, this.#parts.log.committedIndex);
    if (value === undefined) return undefined;
    if (value instanceof BlobReference) return this.#parts.blobs.stat(value);
    return { bytes: value.length, large: null };
  }

  /** The devices of large values. */
  get blobs(): BlobSource {
    return this.#parts.blobs;
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
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const key = keys[i] as Uint8Array;
      const isBlob = value instanceof BlobReference;
      read.push(isBlob ? await this.#wholeOf(key, version, value) : value);
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

  /** The bytes of a value that lies on devices and that a cursor has shown. */
  async whole(reference: BlobReference): Promise<Buffer> {
    try {
      return await this.#parts.blobs.read(reference);
    } catch (error) {
      throw this.#counted(error);
    }
  }

  /**
   * A cursor over what is committed now (or at a snapshot's version). It waits until the state has
   * applied that much; meanwhile the version is held alive, so that nothing of it is overwritten.
   */
  iterate(range: KeyRange, version = this.#parts.log.committedIndex): StoreCursor {
    this.#count.scan.inc();
    if (!this.#parts.blobs.inUse) return this.#cursor(range, version);
    // A value on devices is read when it is handed out; until then nobody may forget it.
    const release = this.#hold(version);
    try {
      return new HoldingCursor(this.#cursor(range, version), release);
    } catch (error) {
      release();
      throw error;
    }
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
    const { devices, reports: shards } = this.#parts.blobs;
    findings.push(...blobFindings(this.#parts.blobs));
    const isFailed = this.#failure !== null || shards.some(({ status }) => status === 'FAILED');
    const isWell = findings.length === 0 ? 'healthy' : 'degraded';
    return { verdict: isFailed ? 'failed' : isWell, findings, devices, shards };
  }

  /** Answers what was proposed, and lets go of the folder. What is not applied is in the log. */
  async close(): Promise<void> {
    const { blobs, checkpoint, endLog, shutDown } = this.#parts;
    await blobs.close();
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
      return this.#parts.writer.write(operations);
    } catch (error) {
      throw this.#counted(error);
    }
  }

  /**
   * A value on devices, as of the call or a moment later: when it was replaced and forgotten before
   * its bytes were read, the value that is there now is the answer.
   */
  async #wholeOf(
    key: Uint8Array,
    version: number,
    reference: BlobReference,
  ): Promise<Buffer | undefined> {
    const { blobs, reader, liveSnapshots, log } = this.#parts;
    let value: StoredValue | undefined = reference;
    while (value instanceof BlobReference) {
      try {
        return await blobs.read(value);
      } catch (error) {
        if (!isThemisError(error, 'THEMIS_BLOB_LOST')) throw this.#counted(error);
        const now = liveSnapshots.holds(version) ? version : log.committedIndex;
        const { blob } = value;
        value = await reader.get(key, now);
        if (value instanceof BlobReference && value.blob === blob) throw this.#counted(error);
      }
    }
    return value;
  }

  /** Keeps a version readable; the returned function lets it go, once. */
  #hold(version: number): () => void {
    try {
      this.#parts.liveSnapshots.acquire(version);
    } catch (error) {
      throw this.#counted(error);
    }
    let isHeld = true;
    return () => {
      if (isHeld) this.#parts.liveSnapshots.release(version);
      isHeld = false;
    };
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

/** What is not well with large values, in sentences. */
function blobFindings({ devices, reports, garbageFailure }: BlobSource): string[] {
  const findings: string[] = [];
  for (const { number, path, role, state, why } of devices) {
    if (state === 'healthy') continue;
    findings.push(`Device ${number} (${path}, ${role}) is ${state}: ${why}.`);
  }
  for (const report of reports) {
    const { documentsDegraded, documentsUnrecoverable, lastError } = report;
    if (documentsUnrecoverable > 0) {
      findings.push(`${documentsUnrecoverable} large values have lost too many fragments.`);
    }
    if (documentsDegraded > 0) {
      findings.push(`${documentsDegraded} large values lack fragments.`);
    }
    if (lastError !== null && report.status !== 'HEALTHY') findings.push(lastError);
  }
  if (garbageFailure !== null)
    findings.push(`Garbage was not collected: ${garbageFailure.message}`);
  return findings;
}

function notFound(key: Uint8Array): ThemisError {
  const name = Buffer.from(key.subarray(0, 64)).toString('utf8');
  return new ThemisError('THEMIS_KEY_NOT_FOUND', `There is no value under the key ${name}.`);
}
