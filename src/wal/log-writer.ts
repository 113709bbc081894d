/**
 * The writing end of the log: one batch, one write, one sync.
 *
 * Invariants:
 * - `syncedPosition` never passes what a sync has covered, and only grows.
 * - After the first error of a write, a sync or a rename, nothing more is written: the kernel may
 *   have marked the pages clean, so a retry could succeed without the data (THEMIS_LOG_FAILED).
 *   A full disk while a spare is filled is the exception; nothing was promised by then.
 * - A segment is opened only when everything in the one before is synced.
 */
import { assert, isThemisError, messageOf, ThemisError } from '../base/index.js';
import type { FileHandle } from '../io/index.js';
import { writeWhole } from '../io/index.js';
import { BatchSealer, batchBlockBytes, batchHeaderBytes } from './batch.js';
import { markRecord } from './idle-mark.js';
import { ioFailure } from './io-failure.js';
import type { LogTail, SegmentExtent } from './log-tail.js';
import type { Preparation } from './preparation.js';
import { type LogIdentity, segmentDataOffset, segmentTag } from './segment.js';
import { SegmentStore, type SegmentStoreOptions } from './segment-store.js';
import { StreamIndexes } from './stream-indexes.js';
import { openSynced, type SyncMode } from './sync-mode.js';

export interface LogWriterOptions extends SegmentStoreOptions {
  readonly identity: LogIdentity;
  readonly syncMode: SyncMode;
  /**
   * Memory that batches are formed in: at least the longest record plus batchBytesMax, page
   * aligned for `direct`. It belongs to the writer.
   */
  readonly staging: Uint8Array;
}

/** Valid until the next call to the writer. */
export interface WrittenBatch {
  readonly records: number;
  /** Bytes written, headers and padding included. */
  readonly bytes: number;
  /** Log position behind the batch. */
  readonly position: number;
  /** Everything before this log position is durable. */
  readonly syncedPosition: number;
}

export interface LogWriterStatus {
  readonly state: 'open' | 'failed' | 'closed';
  readonly requestedMode: SyncMode;
  /** What is in force; `fdatasync` where the file system knows no better. */
  readonly mode: SyncMode;
  readonly sequence: number;
  readonly position: number;
  readonly syncedPosition: number;
  readonly segments: number;
  readonly spares: number;
  readonly ballast: 'kept' | 'released';
  readonly bytesInUse: number;
}

type WriterState =
  | { readonly kind: 'open' }
  | { readonly kind: 'failed'; readonly cause: unknown }
  | { readonly kind: 'closed' };

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #store: SegmentStore;
  readonly #sealer: BatchSealer;
  readonly #streams: StreamIndexes;
  readonly #sealed: SegmentExtent[];
  readonly #truncated = new Map<number, number>();
  readonly #written = { records: 0, bytes: 0, position: 0, syncedPosition: 0 };
  readonly #mark = markRecord();
  #state: WriterState = { kind: 'open' };
  #handle: FileHandle;
  #mode: SyncMode;
  #sequence: number;
  #offset: number;
  #tag: number;
  #chain: number;
  #number: number;
  #syncedPosition: number;
  #marked = true;

  /** `tail` comes from recoverLog. Throws THEMIS_IO when the segment cannot be opened. */
  constructor(options: LogWriterOptions, tail: LogTail) {
    this.#options = options;
    this.#sealer = new BatchSealer(options.kernel, options.staging);
    this.#streams = new StreamIndexes(tail.lastIndexes, tail.current);
    this.#sealed = [...tail.sealed];
    this.#sequence = tail.sequence;
    this.#offset = tail.offset;
    this.#tag = tail.segmentTag;
    this.#chain = tail.chain;
    this.#number = tail.batchNumber;
    this.#syncedPosition = tail.syncedPosition;
    try {
      this.#store = new SegmentStore(options);
      const path = this.#store.path(tail.sequence);
      const file = openSynced(options.fileSystem, path, options.syncMode);
      this.#handle = file.handle;
      this.#mode = file.mode;
    } catch (error) {
      throw ioFailure('Opening the log for writing', error);
    }
  }

  /** Most bytes of records that one batch can carry here. */
  get batchBytesMax(): number {
    const segment = this.#store.segmentBytes - segmentDataOffset;
    return Math.min(this.#options.staging.length & ~4095, segment) - batchHeaderBytes;
  }

  /** Log position behind everything written. */
  get position(): number {
    return this.#sequence * this.#store.segmentBytes + this.#offset;
  }

  /** Sequence of the segment that is written. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Everything before this log position is durable. */
  get syncedPosition(): number {
    return this.#syncedPosition;
  }

  /**
   * Writes the records source[start, end), laid out as record.ts says with what a producer fills
   * in, as one batch. Durable when it returns, unless the mode is `buffered`.
   * Throws THEMIS_DISK_FULL when a new segment is needed and there is no space (nothing was
   * written; the call may be repeated), THEMIS_LOG_FAILED after any other error, THEMIS_CLOSED.
   */
  write(source: Uint8Array, start: number, end: number): WrittenBatch {
    this.begin(end - start);
    this.add(source, start, end);
    return this.commit();
  }

  /**
   * Begins a batch, in a new segment when the present one has no room for `bytes` of records.
   * Throws like `write`.
   */
  begin(bytes: number): void {
    this.#requireOpen();
    try {
      this.#begin(bytes);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Bytes of records that the batch which was begun can still take. */
  get room(): number {
    const segment = this.#store.segmentBytes - this.#offset;
    return Math.min(this.#options.staging.length & ~4095, segment) - this.#sealer.byteLength;
  }

  /** Adds the records source[start, end) to the batch that was begun. Nothing is written yet. */
  add(source: Uint8Array, start: number, end: number): void {
    this.#requireOpen();
    try {
      this.#sealer.add(source, start, end, this.#streams);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Writes the batch. Durable when it returns, unless the mode is `buffered`. */
  commit(): WrittenBatch {
    this.#requireOpen();
    try {
      this.#commit();
    } catch (error) {
      throw this.#failed(error);
    }
    this.#marked = false;
    return this.#written;
  }

  /**
   * Proves what was written so far synced, for recovery: syncs, then writes a batch with one
   * `mark` record. Nothing happens when nothing was written since the last mark.
   */
  mark(): void {
    this.#requireOpen();
    if (this.#marked) return;
    try {
      this.#syncFile();
      this.#begin(this.#mark.length);
      this.#sealer.add(this.#mark, 0, this.#mark.length, this.#streams);
      this.#commit();
      this.#syncFile();
    } catch (error) {
      throw this.#failed(error);
    }
    this.#marked = true;
  }

  /** Makes everything written durable; has work to do in `buffered` mode only. */
  sync(): void {
    this.#requireOpen();
    try {
      this.#syncFile();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /**
   * Everything of `stream` up to and including `index` is needed no more. Segments that no stream
   * needs are retired, oldest first; the current one always stays.
   */
  truncate(stream: number, index: number): void {
    this.#requireOpen();
    this.#truncated.set(stream, Math.max(index, this.#truncated.get(stream) ?? 0));
    try {
      for (let oldest = this.#sealed[0]; oldest !== undefined; oldest = this.#sealed[0]) {
        if (!this.#isPast(oldest)) return;
        this.#store.retire(oldest.sequence);
        this.#sealed.shift();
      }
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** `stream` goes on at any index, for instance behind an installed snapshot. */
  restartStream(stream: number): void {
    this.#requireOpen();
    this.#streams.restart(stream);
  }

  /**
   * One bounded step of background work: fills a spare segment or makes the ballast. Returns
   * whether more is wanted. Throws THEMIS_DISK_FULL (try again later) and THEMIS_LOG_FAILED.
   */
  prepareSpare(): boolean {
    this.#requireOpen();
    try {
      return this.#store.prepare();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Work of `prepareSpare` for another thread, or null; see SegmentStore.lend. */
  lendPreparation(): Preparation | null {
    this.#requireOpen();
    return this.#store.lend();
  }

  /** That work has ended with this error, or well. Throws like prepareSpare. */
  preparationReturned(error: unknown): void {
    this.#requireOpen();
    this.#store.returned();
    if (isThemisError(error, 'THEMIS_DISK_FULL')) this.#store.releaseBallast();
    if (error !== null) throw this.#failed(error);
  }

  status(): LogWriterStatus {
    return {
      state: this.#state.kind,
      requestedMode: this.#options.syncMode,
      mode: this.#mode,
      sequence: this.#sequence,
      position: this.position,
      syncedPosition: this.#syncedPosition,
      segments: this.#sealed.length + 1,
      spares: this.#store.spares(),
      ballast: this.#store.ballast,
      bytesInUse: this.#store.bytesInUse(),
    };
  }

  /**
   * Writes a mark (unless the log has failed) and closes. A mark that finds no space is left out:
   * it speeds up the next start and nothing depends on it. Throws THEMIS_LOG_FAILED, THEMIS_IO.
   */
  close(): void {
    if (this.#state.kind === 'closed') return;
    try {
      if (this.#state.kind === 'open') this.#markUnlessFull();
    } finally {
      this.#state = { kind: 'closed' };
      this.#closeFiles();
    }
  }

  #closeFiles(): void {
    try {
      try {
        this.#store.close();
      } finally {
        this.#handle.close();
      }
    } catch (error) {
      throw ioFailure('Closing the log', error);
    }
  }

  #markUnlessFull(): void {
    try {
      this.mark();
    } catch (error) {
      if (!isThemisError(error, 'THEMIS_DISK_FULL')) throw error;
    }
  }

  #begin(recordsBytes: number): void {
    assert(recordsBytes <= this.batchBytesMax, 'a batch fits its segment and the staging memory');
    const bytes = batchBlockBytes(batchHeaderBytes + recordsBytes);
    if (this.#offset + bytes > this.#store.segmentBytes) this.#rotate();
    this.#sealer.begin({
      segmentTag: this.#tag,
      chain: this.#chain,
      number: this.#number,
      syncedPosition: this.#syncedPosition,
    });
  }

  #commit(): void {
    const bytes = batchBlockBytes(this.#sealer.finish());
    writeWhole(this.#handle, this.#options.staging, bytes, this.#offset);
    if (this.#mode === 'fdatasync') this.#handle.sync();
    this.#offset += bytes;
    this.#chain = this.#sealer.chain;
    this.#number += 1;
    if (this.#mode !== 'buffered') this.#syncedPosition = this.position;
    const written = this.#written;
    written.records = this.#sealer.records;
    written.bytes = bytes;
    written.position = this.position;
    written.syncedPosition = this.#syncedPosition;
  }

  #rotate(): void {
    this.#syncFile();
    const { identity, fileSystem, syncMode } = this.#options;
    const sequence = this.#sequence + 1;
    this.#store.take({
      identity,
      sequence,
      syncedPosition: this.position,
      chain: this.#chain,
      segmentBytes: this.#store.segmentBytes,
      batchNumber: this.#number,
    });
    const file = openSynced(fileSystem, this.#store.path(sequence), syncMode);
    const previous = this.#handle;
    this.#handle = file.handle;
    this.#mode = file.mode;
    previous.close();
    this.#sealed.push({ sequence: this.#sequence, lastIndexes: this.#streams.cutSegment() });
    this.#sequence = sequence;
    this.#offset = segmentDataOffset;
    this.#tag = segmentTag(identity.clusterId, identity.incarnation, sequence);
    this.#syncedPosition = this.position;
  }

  #syncFile(): void {
    if (this.#mode !== 'buffered' || this.#syncedPosition === this.position) return;
    this.#handle.sync();
    this.#syncedPosition = this.position;
  }

  #isPast(segment: SegmentExtent): boolean {
    for (const [stream, index] of segment.lastIndexes) {
      if (index > (this.#truncated.get(stream) ?? 0)) return false;
    }
    return true;
  }

  #requireOpen(): void {
    if (this.#state.kind === 'failed') {
      throw new ThemisError(
        'THEMIS_LOG_FAILED',
        `The log failed earlier (${messageOf(this.#state.cause)}); restart the process.`,
        this.#state.cause,
      );
    }
    if (this.#state.kind === 'closed') {
      throw new ThemisError('THEMIS_CLOSED', 'The log is closed; open it again to write.');
    }
  }

  /** Ends the log, unless only space is missing. */
  #failed(error: unknown): ThemisError {
    if (isThemisError(error, 'THEMIS_DISK_FULL')) return error;
    this.#state = { kind: 'failed', cause: error };
    const path = this.#store.path(this.#sequence);
    return new ThemisError(
      'THEMIS_LOG_FAILED',
      `The log failed at ${path} (${messageOf(error)}). What was not acknowledged may be lost; ` +
        'check the disk, then restart the process.',
      error,
    );
  }
}
