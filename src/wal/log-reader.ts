/**
 * Reads records of a log that recovery has found sound, while it is being written or not, batch by
 * batch and in bounded memory: to apply again what the state has not kept.
 *
 * The reader verifies everything again. It is given a limit, the log position up to which the log
 * is written, and never looks past it.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { readDamaged } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  applyMask,
  type BatchHeader,
  batchBlockBytes,
  batchHeaderBytes,
  readBatchHeader,
} from './batch.js';
import { BatchChecker } from './batch-checker.js';
import { ioFailure } from './io-failure.js';
import { fillRecord, LogRecord } from './log-record.js';
import type { LogTail } from './log-tail.js';
import { recordKinds } from './record.js';
import { decodeSegmentHeader, segmentDataOffset, segmentName, segmentTag } from './segment.js';
import { logDirectory } from './segment-store.js';
import { SegmentWindow } from './segment-window.js';

export interface LogReaderOptions {
  readonly fileSystem: FileSystem;
  /** The folder that holds `log/`. */
  readonly directory: string;
  readonly kernel: Kernel;
  /** Default limits.segmentBytes. */
  readonly segmentBytes?: number;
  /** Memory to read through: at least as long as what the writer had for its batches. */
  readonly staging: Uint8Array;
}

interface OpenSegment {
  readonly sequence: number;
  readonly path: string;
  readonly handle: FileHandle;
  readonly tag: number;
}

/**
 * The log position from which a reader meets every record of `stream` from `index` on: the start
 * of the first segment that reaches there. Behind the last record it is the tail's position.
 */
export function positionOf(
  tail: LogTail,
  segmentBytes: number,
  stream: number,
  index: number,
): number {
  const current = { sequence: tail.sequence, lastIndexes: tail.current };
  for (const { sequence, lastIndexes } of [...tail.sealed, current]) {
    if ((lastIndexes.get(stream) ?? -1) >= index) {
      return sequence * segmentBytes + segmentDataOffset;
    }
  }
  return tail.sequence * segmentBytes + tail.offset;
}

export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #segmentBytes: number;
  readonly #window: SegmentWindow;
  readonly #checker: BatchChecker;
  readonly #record: LogRecord;
  #segment: OpenSegment | null = null;
  #position: number;
  /** Null before the first batch. */
  #expected: { readonly number: number; readonly chain: number } | null = null;

  /** `position`: a batch's (LogRecord.batchPosition), or one that positionOf gave. */
  constructor(options: LogReaderOptions, position: number) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? limits.segmentBytes;
    this.#window = new SegmentWindow(options.staging);
    this.#checker = new BatchChecker(options.kernel);
    this.#record = new LogRecord(this.#window.bytes);
    this.#position = position;
  }

  /** Log position of the next batch. */
  get position(): number {
    return this.#position;
  }

  /**
   * Shows the records of the next batch that ends at or before the log position `limit`, marks
   * excepted; false when there is none. Throws THEMIS_LOG_CORRUPT when a batch is not sound, and
   * THEMIS_IO when it cannot be read; the position then stays.
   */
  next(limit: number, onRecord: (record: LogRecord) => void): boolean {
    try {
      while (this.#position < limit) {
        const sequence = Math.floor(this.#position / this.#segmentBytes);
        const segment = this.#openSegment(sequence);
        // Behind a batch that fills its segment comes the first one of the next.
        const offset = Math.max(segmentDataOffset, this.#position - sequence * this.#segmentBytes);
        // The limit is the start of a segment that has no batch yet.
        if (sequence * this.#segmentBytes + offset >= limit) return false;
        const end = Math.min(this.#segmentBytes, limit - sequence * this.#segmentBytes);
        const header = this.#load(segment, offset, end);
        if (header === null) {
          // Behind the last batch of a segment there is nothing up to its end.
          if (Math.floor(limit / this.#segmentBytes) === sequence) throw damaged(segment, offset);
          this.#position = (sequence + 1) * this.#segmentBytes + segmentDataOffset;
          continue;
        }
        this.#show(header, onRecord);
        this.#position =
          sequence * this.#segmentBytes + offset + batchBlockBytes(header.byteLength);
        this.#expected = { number: header.number + 1, chain: this.#checker.chain };
        return true;
      }
      return false;
    } catch (error) {
      throw ioFailure(`Reading the log at position ${this.#position}`, error);
    }
  }

  close(): void {
    const segment = this.#segment;
    this.#segment = null;
    segment?.handle.close();
  }

  #openSegment(sequence: number): OpenSegment {
    if (this.#segment?.sequence === sequence) return this.#segment;
    this.close();
    const { fileSystem, directory, kernel } = this.#options;
    const path = `${logDirectory(directory)}/${segmentName(sequence)}`;
    const handle = fileSystem.open(path, { access: 'read' });
    this.#window.attach(handle);
    this.#segment = { sequence, path, handle, tag: 0 };
    const at = this.#window.load(0, segmentDataOffset, segmentDataOffset);
    for (const copy of [at, at + limits.blockBytes]) {
      const found = decodeSegmentHeader(this.#window.bytes, copy, kernel);
      if (found.kind !== 'valid' || found.header.sequence !== sequence) continue;
      const { clusterId, incarnation } = found.header.identity;
      const tag = segmentTag(clusterId, incarnation, sequence);
      this.#segment = { sequence, path, handle, tag };
      return this.#segment;
    }
    throw damaged(this.#segment, 0);
  }

  /** Loads and verifies the batch at `offset`; null when the segment has no more. */
  #load(segment: OpenSegment, offset: number, end: number): BatchHeader | null {
    if (offset >= end) return null;
    const window = this.#window;
    let at = window.load(offset, limits.blockBytes, end);
    const header = readBatchHeader(window.bytes, window.view, at, this.#options.kernel);
    if (header === null && (isEmpty(window, at) || this.#isBehindData(segment, offset)))
      return null;
    if (header === null || header.segmentTag !== segment.tag) throw damaged(segment, offset);
    const { number, chain } = this.#expected ?? header;
    const follows = header.number === number && header.chain === chain;
    if (!follows || offset + header.byteLength > end) throw damaged(segment, offset);
    at = window.load(offset, header.byteLength, end);
    if (header.mask !== 0) applyMask(window.words, at, header.byteLength, header.mask);
    const bad = this.#checker.check(window, at, header);
    if (bad !== null) {
      this.close();
      throw damaged(segment, offset);
    }
    this.#record.batchPosition = segment.sequence * this.#segmentBytes + offset;
    return header;
  }

  /**
   * The next segment's header says where the data of this one ends; what lies behind was never
   * written, whatever it has become.
   */
  #isBehindData({ sequence }: OpenSegment, offset: number): boolean {
    const { fileSystem, directory, kernel } = this.#options;
    const path = `${logDirectory(directory)}/${segmentName(sequence + 1)}`;
    if (fileSystem.stat(path) === null) return false;
    const bytes = new Uint8Array(limits.blockBytes);
    const handle = fileSystem.open(path, { access: 'read' });
    try {
      return [0, limits.blockBytes].some((copy) => {
        if (!readDamaged(handle, bytes, limits.blockBytes, copy)) return false;
        const found = decodeSegmentHeader(bytes, 0, kernel);
        if (found.kind !== 'valid' || found.header.sequence !== sequence + 1) return false;
        return found.header.syncedPosition <= sequence * this.#segmentBytes + offset;
      });
    } finally {
      handle.close();
    }
  }

  #show(header: BatchHeader, onRecord: (record: LogRecord) => void): void {
    const record = this.#record;
    const first = (this.#checker.starts[0] as number) - batchHeaderBytes;
    for (let i = 0; i < header.recordCount; i++) {
      const start = this.#checker.starts[i] as number;
      fillRecord(record, this.#window, start);
      record.position = record.batchPosition + start - first;
      if (record.kind !== recordKinds.mark) onRecord(record);
    }
  }
}

function isEmpty(window: SegmentWindow, at: number): boolean {
  for (let i = 0; i < limits.blockBytes; i++) if (window.bytes[at + i] !== 0) return false;
  return true;
}

function damaged(segment: OpenSegment, offset: number): ThemisError {
  return new ThemisError(
    'THEMIS_LOG_CORRUPT',
    `The log is damaged at ${segment.path}:${offset}; restart, and recovery will say what is lost.`,
  );
}
