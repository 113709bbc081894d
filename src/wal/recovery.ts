/**
 * Recovery: reads the log, repairs what can be repaired, and says where it goes on.
 *
 * 1. Segment headers are read and checked (segment-files.ts).
 * 2. Everything is scanned without a change (recovery-scan.ts, recovery-table.ts).
 * 3. Known blocks are rewritten, a torn tail goes aside, the unproved tail is written again
 *    (recovery-repair.ts). Nothing else is ever changed: damage stays where it is, as evidence
 *    and as data, until the segment is truncated or `acceptLoss` cuts the log before it.
 *
 * Damage is returned, not thrown: only the engine can know that the state holds already what the
 * damaged records said. It must not use the log unless that is proved.
 */
import { ThemisError } from '../base/index.js';
import type { FileHandle } from '../io/index.js';
import type { Damage, StreamRange } from './damage.js';
import { ioFailure } from './io-failure.js';
import type { LogRecord } from './log-record.js';
import type { LogTail } from './log-tail.js';
import {
  fullSize,
  moveAside,
  repairBlock,
  rewriteRegion,
  saveAside,
  zeroRegion,
} from './recovery-repair.js';
import { RecoveryScan, type ScanStop } from './recovery-scan.js';
import { type LogIdentity, segmentDataOffset } from './segment.js';
import { type FoundSegment, findSegments } from './segment-files.js';
import { logDirectory, SegmentStore, type SegmentStoreOptions } from './segment-store.js';

export interface RecoverLogOptions extends SegmentStoreOptions {
  readonly identity: LogIdentity;
  /** Memory to read through: at least as long as what the writer had for its batches. */
  readonly staging: Uint8Array;
  /** Ends the log before its first damage; what follows goes aside. Default false. */
  readonly acceptLoss?: boolean;
  /** Every intact record in order, marks excepted; the record is valid during the call. */
  readonly onRecord: (record: LogRecord) => void;
  /** After each segment: how many of how many were read. */
  readonly onProgress?: (segmentsDone: number, segmentsTotal: number) => void;
}

/** What was removed from the log: a write that never completed, or what acceptLoss gave up. */
export interface RemovedTail {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** Where it was saved. */
  readonly aside: readonly string[];
}

export interface RecoveredLog {
  readonly tail: LogTail;
  readonly streams: ReadonlyMap<number, StreamRange>;
  readonly damages: readonly Damage[];
  readonly torn: RemovedTail | null;
  /** With acceptLoss: what was cut off. */
  readonly cut: RemovedTail | null;
  /** Blocks that were rewritten because their content was known. */
  readonly repaired: readonly { readonly file: string; readonly offset: number }[];
  readonly records: number;
  /** Bytes of intact batches. */
  readonly bytes: number;
}

/**
 * Recovers the log in `<directory>/log`, or makes a new one. Throws THEMIS_FOLDER_FOREIGN,
 * THEMIS_FORMAT_NEWER, THEMIS_INCARNATION_STALE, THEMIS_CONFIG_INVALID (other segment size),
 * THEMIS_DISK_FULL, and THEMIS_IO for any other failed call; and what onRecord throws.
 */
export function recoverLog(options: RecoverLogOptions): RecoveredLog {
  try {
    return recover(options);
  } catch (error) {
    throw ioFailure(`Recovery of the log in ${logDirectory(options.directory)}`, error);
  }
}

function recover(options: RecoverLogOptions): RecoveredLog {
  const store = new SegmentStore(options);
  // A process that was killed may have left names unsynced; what is built on them must stay.
  options.fileSystem.syncDirectory(logDirectory(options.directory));
  const segments = findSegments(store, options);
  if (segments.length === 0) return newLog(store, options);
  const scan = new RecoveryScan({
    kernel: options.kernel,
    segmentBytes: store.segmentBytes,
    memory: options.staging,
    acceptLoss: options.acceptLoss === true,
    onRecord: options.onRecord,
  });
  const stop = scanAll(scan, segments, options);
  return repairAll(scan, stop, segments, store, options);
}

function newLog(store: SegmentStore, options: RecoverLogOptions): RecoveredLog {
  const { identity } = options;
  const { segmentBytes } = store;
  const first = {
    identity,
    sequence: 1,
    syncedPosition: 0,
    chain: 0,
    segmentBytes,
    batchNumber: 1,
  };
  store.take(first);
  store.close();
  const found = findSegments(store, options)[0];
  const tail: LogTail = {
    sequence: 1,
    segmentTag: found?.tag ?? 0,
    offset: segmentDataOffset,
    chain: 0,
    batchNumber: 1,
    syncedPosition: segmentBytes + segmentDataOffset,
    sealed: [],
    current: new Map(),
    lastIndexes: new Map(),
  };
  const nothing = { streams: new Map(), damages: [], torn: null, cut: null, repaired: [] };
  return { tail, ...nothing, records: 0, bytes: 0 };
}

function scanAll(
  scan: RecoveryScan,
  segments: readonly FoundSegment[],
  options: RecoverLogOptions,
): ScanStop {
  for (const [i, segment] of segments.entries()) {
    const previous = segments[i - 1];
    const next = segments[i + 1] ?? null;
    if (previous !== undefined && previous.sequence + 1 !== segment.sequence) {
      scan.missSegments(logDirectory(options.directory), previous.sequence + 1);
    }
    const stop = withReader(options, segment, (handle) => scan.scanSegment(segment, handle, next));
    options.onProgress?.(i + 1, segments.length);
    if (stop !== null) return stop;
  }
  throw new ThemisError('THEMIS_ASSERTION', 'The scan of the last segment ends the log.');
}

function withReader<T>(
  options: RecoverLogOptions,
  segment: FoundSegment,
  read: (handle: FileHandle) => T,
): T {
  const handle = options.fileSystem.open(segment.path, { access: 'read' });
  try {
    return read(handle);
  } finally {
    handle.close();
  }
}

function repairAll(
  scan: RecoveryScan,
  stop: ScanStop,
  segments: readonly FoundSegment[],
  store: SegmentStore,
  options: RecoverLogOptions,
): RecoveredLog {
  const { fileSystem } = options;
  const { segment } = stop;
  const repairs = [...scan.repairs];
  for (const { path, headerRepair } of segments) {
    if (headerRepair !== null) repairs.push({ path, offset: 0, bytes: headerRepair });
  }
  for (const repair of repairs) repairBlock(fileSystem, repair);
  const removed = removeTail(stop, segments, store, options);
  const salvaged = stop.end.kind === 'cut' ? (stop.end.salvage?.length ?? 0) : 0;
  const offset = stop.offset + salvaged;
  const start = segment.sequence * store.segmentBytes;
  const from = Math.max(segmentDataOffset, scan.syncedPosition - start);
  if (from < offset) rewriteRegion(fileSystem, segment.path, from, offset);
  store.close();
  const damages = scan.ledger.finish();
  const streams = scan.ledger.streams();
  const lasts = [...streams].map(([stream, range]) => [stream, range.lastIndex] as const);
  const tail: LogTail = {
    sequence: segment.sequence,
    segmentTag: segment.tag,
    offset,
    chain: scan.chain,
    batchNumber: scan.number + 1,
    syncedPosition: start + offset,
    sealed: scan.extents.slice(0, -1),
    current: scan.extents.at(-1)?.lastIndexes ?? new Map(),
    lastIndexes: new Map(damages.length === 0 ? lasts : []),
  };
  return {
    tail,
    streams,
    damages,
    torn: stop.end.kind === 'torn' ? removed : null,
    cut: stop.end.kind === 'cut' ? removed : null,
    repaired: repairs.map((repair) => ({ file: repair.path, offset: repair.offset })),
    records: scan.records,
    bytes: scan.bytes,
  };
}

/** Saves aside and removes what is behind the end of the log. Null when nothing is there. */
function removeTail(
  stop: ScanStop,
  segments: readonly FoundSegment[],
  store: SegmentStore,
  options: RecoverLogOptions,
): RemovedTail | null {
  const { fileSystem, directory } = options;
  const { segment, offset, end } = stop;
  if (end.kind === 'clean') return null;
  const aside = [saveAside(fileSystem, directory, segment, offset, end.dataEnd)];
  // Newest first: interrupted, the sequences still have no hole.
  for (const later of [...segments].reverse()) {
    if (later.sequence <= segment.sequence) break;
    aside.push(moveAside(fileSystem, directory, logDirectory(directory), later));
  }
  let from = offset;
  if (end.kind === 'cut' && end.salvage !== null) {
    repairBlock(fileSystem, { path: segment.path, offset, bytes: end.salvage });
    from += end.salvage.length;
  }
  const to = end.kind === 'cut' ? store.segmentBytes : end.dataEnd;
  if (from < to) zeroRegion(fileSystem, segment.path, from, to);
  fullSize(fileSystem, segment.path, store.segmentBytes);
  return { file: segment.path, offset, bytes: Math.max(0, end.dataEnd - offset), aside };
}
