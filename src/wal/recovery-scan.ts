/**
 * Reads a log from its oldest segment to its end without changing it, shows every intact record,
 * and decides at each bad place by the table of recovery-table.ts.
 *
 * Damage does not stop the scan: it goes on behind the damaged batch, or at the next batch of the
 * segment when even the batch header is bad. Records behind damage are shown too; what is missing
 * in between is in the damages.
 */
import { alignUp, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  applyMask,
  type BatchHeader,
  type BatchPlace,
  batchBlockBytes,
  batchHeaderBytes,
  hasZeroSector,
  readBatchHeader,
  shortenBatch,
} from './batch.js';
import { BatchChecker } from './batch-checker.js';
import { DamageLedger, type RecordName } from './damage.js';
import { isDamagedMark, MarkMaker } from './idle-mark.js';
import { fillRecord, LogRecord } from './log-record.js';
import type { SegmentExtent } from './log-tail.js';
import { readRecordHeader, recordKinds, recordOffsets } from './record.js';
import { decideRecovery, type RecoveryInputs } from './recovery-table.js';
import { segmentDataOffset } from './segment.js';
import type { FoundSegment } from './segment-files.js';
import { SegmentSurvey } from './segment-survey.js';
import { SegmentWindow } from './segment-window.js';
import { markStream } from './stream-indexes.js';

export interface ScanOptions {
  readonly kernel: Kernel;
  readonly segmentBytes: number;
  readonly memory: Uint8Array;
  readonly acceptLoss: boolean;
  readonly onRecord: (record: LogRecord) => void;
}

/** A write that recovery makes before the log is used again. */
export interface BlockRepair {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How the log ends; `dataEnd` is behind the last byte that must go. */
export type ScanEnd =
  | { readonly kind: 'clean' }
  | { readonly kind: 'torn'; readonly dataEnd: number }
  | { readonly kind: 'cut'; readonly dataEnd: number; readonly salvage: Uint8Array | null };

/** Where a scan stopped: the end of the log. */
export interface ScanStop {
  readonly segment: FoundSegment;
  readonly offset: number;
  readonly end: ScanEnd;
}

interface Loaded {
  readonly at: number;
  /** Null when the batch header is not valid. */
  readonly header: BatchHeader | null;
  readonly bad: RecoveryInputs['bad'] | null;
  readonly missing: boolean;
  readonly unreadable: boolean;
}

interface Place {
  readonly segment: FoundSegment;
  readonly handle: FileHandle;
  readonly next: FoundSegment | null;
  readonly offset: number;
  readonly limit: number;
}

type Verdict = { readonly next: number } | { readonly stop: ScanEnd };

export class RecoveryScan {
  readonly ledger = new DamageLedger();
  readonly repairs: BlockRepair[] = [];
  readonly extents: SegmentExtent[] = [];
  records = 0;
  bytes = 0;
  /** Everything before this log position is proved synced. */
  syncedPosition = 0;
  /** Chain and number behind the last batch. */
  chain = 0;
  number = 0;
  readonly #options: ScanOptions;
  readonly #window: SegmentWindow;
  readonly #checker: BatchChecker;
  readonly #marks: MarkMaker;
  readonly #record: LogRecord;
  /** Is the chain up to here known? Not at the start of a log, and not behind damage. */
  #linked = false;
  #lastIndexes = new Map<number, number>();
  #survey: SegmentSurvey | null = null;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#window = new SegmentWindow(options.memory);
    this.#checker = new BatchChecker(options.kernel);
    this.#marks = new MarkMaker(options.kernel);
    this.#record = new LogRecord(this.#window.bytes);
  }

  /** Scans one segment; null when the log goes on in the next one. */
  scanSegment(
    segment: FoundSegment,
    handle: FileHandle,
    next: FoundSegment | null,
  ): ScanStop | null {
    const limit = this.#begin(segment, handle, next);
    let offset = segmentDataOffset;
    let stop: ScanEnd | null = null;
    while (stop === null && offset < limit) {
      const loaded = this.#load(segment, offset, limit);
      if (loaded.bad === null && loaded.header !== null) {
        this.#showBatch(segment, offset, loaded.header, this.#checker.known);
        offset += batchBlockBytes(loaded.header.byteLength);
        continue;
      }
      const verdict = this.#judge({ segment, handle, next, offset, limit }, loaded);
      if ('stop' in verdict) stop = verdict.stop;
      else offset = verdict.next;
    }
    this.extents.push({ sequence: segment.sequence, lastIndexes: this.#lastIndexes });
    if (stop === null && next !== null) return null;
    if (stop === null && this.#survey === null && this.#window.isUnreadable(0, limit)) {
      // Full, and its last padding is missing: with it, later segments may be.
      this.#addDamage('unknown', segment.path, limit, 0, 'the file is shorter than a segment');
      if (this.#options.acceptLoss) stop = { kind: 'cut', dataEnd: limit, salvage: null };
    }
    return { segment, offset, end: stop ?? { kind: 'clean' } };
  }

  /** A segment that should be between two others is not there. */
  missSegments(folder: string, sequence: number): void {
    this.#linked = false;
    this.#addDamage(
      'corrupt',
      folder,
      0,
      this.#options.segmentBytes,
      `segment ${sequence} is missing`,
    );
  }

  /** Returns where the batches of the segment end at the latest. */
  #begin(segment: FoundSegment, handle: FileHandle, next: FoundSegment | null): number {
    const { segmentBytes } = this.#options;
    this.#window.attach(handle);
    this.#survey = null;
    this.#lastIndexes = new Map();
    const { header } = segment;
    if (header === null) {
      const kind = next === null ? 'unknown' : 'corrupt';
      const what = 'both copies of the segment header are damaged';
      this.#addDamage(kind, segment.path, 0, segmentDataOffset, what);
      this.#linked = false;
    } else {
      this.syncedPosition = Math.max(this.syncedPosition, header.syncedPosition);
      const lastNumber = this.number;
      if (this.#linked && (header.chain !== this.chain || header.batchNumber !== lastNumber + 1)) {
        const what = 'the segment does not continue the one before';
        this.#addDamage('corrupt', segment.path, 0, segmentDataOffset, what);
      }
      this.chain = header.chain;
      this.number = header.batchNumber - 1;
      this.#linked = true;
    }
    if (next?.header == null) return segmentBytes;
    const end = next.header.syncedPosition - segment.sequence * segmentBytes;
    return end >= segmentDataOffset && end <= segmentBytes ? end : segmentBytes;
  }

  #load(segment: FoundSegment, offset: number, limit: number): Loaded {
    const window = this.#window;
    const { kernel } = this.#options;
    let at = window.load(offset, limits.blockBytes, limit);
    const first = { at, header: null, bad: 'batch header' } as const;
    if (window.isUnreadable(offset, limits.sectorBytes)) {
      return { ...first, missing: false, unreadable: true };
    }
    const header = readBatchHeader(window.bytes, window.view, at, kernel);
    if (
      header === null ||
      header.segmentTag !== segment.tag ||
      offset + header.byteLength > limit ||
      header.number <= this.number
    ) {
      const missing = hasZeroSector(window.words, at, limits.sectorBytes);
      return { ...first, missing, unreadable: false };
    }
    const { byteLength, mask } = header;
    if (byteLength > window.bytes.length) throw tooLong(segment, offset, byteLength);
    at = window.load(offset, byteLength, limit);
    const missing = hasZeroSector(window.words, at, byteLength);
    const unreadable = window.isUnreadable(offset, byteLength);
    if (mask !== 0) applyMask(window.words, at, byteLength, mask);
    const bad = this.#checker.check(window, at, header);
    return { at, header, bad, missing, unreadable: unreadable && bad !== null };
  }

  /** Decides what the bad batch at `offset` is, records it, and says where to go on. */
  #judge(place: Place, loaded: Loaded): Verdict {
    const { segment, offset, limit, handle } = place;
    const { kernel } = this.#options;
    this.#survey ??= new SegmentSurvey(handle, offset, limit, segment.tag, kernel);
    const survey = this.#survey;
    const inputs = this.#inputs(place, loaded, survey);
    const decision = decideRecovery(inputs);
    const { dataEnd } = survey;
    // A segment whose successor lost its header does not know where its data ends.
    const open = place.next !== null && place.next.header === null && dataEnd <= offset;
    if (open && inputs.unreadable === 'no') return { next: limit };
    switch (decision) {
      case 'end':
        return { stop: { kind: 'clean' } };
      case 'torn':
        return { stop: { kind: 'torn', dataEnd } };
      case 'repair':
        return this.#repairMark(segment, offset);
      case 'corrupt':
      case 'unknown':
        return this.#damage(place, loaded, decision, survey);
    }
  }

  #inputs(place: Place, loaded: Loaded, survey: SegmentSurvey): RecoveryInputs {
    const { segment, offset } = place;
    const position = segment.sequence * this.#options.segmentBytes + offset;
    const number = loaded.header?.number ?? this.number;
    const synced = Math.max(this.syncedPosition, survey.syncedBehind(offset, number));
    const last = place.next === null;
    const unreadable = loaded.unreadable || (last && survey.unreadableFrom(offset));
    const isMark = !loaded.unreadable && this.#isMark(segment, loaded, position);
    return {
      place: last ? 'last' : 'sealed',
      proof:
        synced > position || (place.next?.header?.syncedPosition ?? 0) > position ? 'yes' : 'no',
      unreadable: unreadable ? 'yes' : 'no',
      rest: survey.dataEnd <= offset ? 'zero' : 'nonzero',
      missing: loaded.missing ? 'yes' : 'no',
      bad: isMark ? 'mark' : (loaded.bad ?? 'batch header'),
    };
  }

  /** Is the bad batch an idle mark with a few wrong bytes? Every byte of one is predictable. */
  #isMark(segment: FoundSegment, loaded: Loaded, position: number): boolean {
    if (!this.#linked) return false;
    const mark = this.#marks.make(this.#markPlace(segment, position));
    return isDamagedMark(this.#window.bytes, loaded.at, mark);
  }

  #markPlace(segment: FoundSegment, position: number): BatchPlace {
    return {
      segmentTag: segment.tag,
      chain: this.chain,
      number: this.number + 1,
      syncedPosition: position,
    };
  }

  #repairMark(segment: FoundSegment, offset: number): Verdict {
    const position = segment.sequence * this.#options.segmentBytes + offset;
    const bytes = this.#marks.make(this.#markPlace(segment, position)).slice();
    this.repairs.push({ path: segment.path, offset, bytes });
    this.chain = this.#marks.chain;
    this.number += 1;
    this.syncedPosition = Math.max(this.syncedPosition, position);
    return { next: offset + bytes.length };
  }

  #damage(
    place: Place,
    loaded: Loaded,
    kind: 'corrupt' | 'unknown',
    survey: SegmentSurvey,
  ): Verdict {
    const { segment, offset, limit } = place;
    const { header, bad } = loaded;
    if (this.#options.acceptLoss) return { stop: this.#cut(place, loaded, survey) };
    const what = loaded.unreadable ? 'cannot be read' : `the ${bad ?? 'batch'} is damaged`;
    if (header === null) {
      const beyond = place.next === null ? alignUp(survey.dataEnd, limits.blockBytes) : limit;
      const after = Math.max(offset + limits.blockBytes, beyond);
      const next = survey.batchFrom(offset + limits.blockBytes, this.number) ?? after;
      this.#addDamage(kind, segment.path, offset, next - offset, what);
      this.#linked = false;
      return { next };
    }
    const known = this.#namesOfBad();
    this.#showBatch(segment, offset, header, this.#checker.known);
    const blind = bad !== 'payload';
    this.ledger.add({
      kind,
      file: segment.path,
      offset,
      bytes: header.byteLength,
      what,
      known,
      blind,
    });
    this.#linked = !blind;
    return { next: offset + batchBlockBytes(header.byteLength) };
  }

  /** Ends the log before the first damaged record; the intact ones of its batch stay. */
  #cut(place: Place, loaded: Loaded, survey: SegmentSurvey): ScanEnd {
    const { header, at } = loaded;
    const dataEnd = survey.dataEnd;
    const what = 'the log ends here, because its loss was accepted';
    let salvage: Uint8Array | null = null;
    if (header !== null && this.#checker.intact > 0) {
      const { intact } = this.#checker;
      const byteLength = this.#checker.lengthOf(this.#window, at, intact);
      salvage = this.#window.bytes.slice(at, at + batchBlockBytes(byteLength));
      shortenBatch(salvage, header, intact, byteLength, this.#options.kernel);
      this.#showBatch(place.segment, place.offset, header, intact);
    }
    const bytes = Math.max(0, dataEnd - place.offset);
    this.#addDamage('corrupt', place.segment.path, place.offset, bytes, what);
    return { kind: 'cut', dataEnd, salvage };
  }

  #addDamage(
    kind: 'corrupt' | 'unknown',
    file: string,
    offset: number,
    bytes: number,
    what: string,
  ): void {
    this.ledger.add({ kind, file, offset, bytes, what, known: [], blind: true });
  }

  #namesOfBad(): RecordName[] {
    const names: RecordName[] = [];
    for (let i = 0; i < this.#checker.known; i++) {
      if (this.#checker.sound[i] === 1) continue;
      const { stream, index, ballot } = readRecordHeader(
        this.#window.view,
        this.#checker.starts[i] as number,
      );
      names.push({ stream, index, ballot });
    }
    return names;
  }

  /** Shows the intact ones of the first `count` records, and moves the chain behind them. */
  #showBatch(segment: FoundSegment, offset: number, header: BatchHeader, count: number): void {
    const linked = header.number === this.number + 1 && header.chain === this.chain;
    if (this.#linked && !linked) {
      this.#addDamage('corrupt', segment.path, offset, 0, 'batches before this one are missing');
    }
    const { starts, sound, known } = this.#checker;
    const batchPosition = segment.sequence * this.#options.segmentBytes + offset;
    const record = this.#record;
    record.batchPosition = batchPosition;
    const filePosition = batchPosition + batchHeaderBytes - (starts[0] as number);
    let stream = markStream;
    let index = 0;
    for (let i = 0; i < count; i++) {
      const start = starts[i] as number;
      fillRecord(record, this.#window, start);
      if (record.kind === recordKinds.mark) continue;
      if (record.stream !== stream) {
        if (stream !== markStream) this.#lastIndexes.set(stream, index);
        stream = record.stream;
      }
      index = record.index;
      record.position = filePosition + start;
      this.ledger.see(stream, index, record.ballot);
      if (sound[i] !== 1) continue;
      this.records += 1;
      this.#options.onRecord(record);
    }
    if (stream !== markStream) this.#lastIndexes.set(stream, index);
    const next = count < known ? ((starts[count] as number) + recordOffsets.chain) >>> 2 : -1;
    const chain = next < 0 ? this.#checker.chain : (this.#window.words[next] as number);
    this.bytes += batchBlockBytes(header.byteLength);
    this.chain = chain;
    this.number = header.number;
    this.syncedPosition = Math.max(this.syncedPosition, header.syncedPosition);
    this.#linked = true;
  }
}

function tooLong(segment: FoundSegment, offset: number, byteLength: number): ThemisError {
  return new ThemisError(
    'THEMIS_CONFIG_INVALID',
    `The batch at ${segment.path}:${offset} has ${byteLength} bytes, more than the memory given ` +
      'to read the log; give at least what it was written with.',
  );
}
