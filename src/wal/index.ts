/**
 * wal: one write-ahead log per node. Records of many streams, batched, sealed and synced together.
 * Invariants: nothing is reported durable before its sync returned; any sync error ends the log;
 * damaged records are never treated as absent.
 * May import: base, config, io, telemetry, kernel, pool.
 */
export type { Damage, LostRange, RecordName, StreamRange } from './damage.js';
export { type Identity, identityBytes } from './identity.js';
export { Log, type LogListener } from './log.js';
export type { LogDriver } from './log-driver.js';
export { LogInlineDriver } from './log-inline-driver.js';
export { LogLoop, type LogLoopOptions, type LogMeter, type StepResult } from './log-loop.js';
export { LogReader, type LogReaderOptions, positionOf } from './log-reader.js';
export type { LogRecord } from './log-record.js';
export type { LogTail, SegmentExtent } from './log-tail.js';
export { LogThread, type LogThreadOptions } from './log-thread.js';
export { LogThreadDriver, type LogThreadEvent } from './log-thread-driver.js';
export {
  LogWriter,
  type LogWriterOptions,
  type LogWriterStatus,
  type WrittenBatch,
} from './log-writer.js';
export { createPreparationPool, type PreparationPool } from './preparation.js';
export {
  type RecordHeader,
  readRecordHeader,
  recordBytes,
  recordHeaderBytes,
  recordKinds,
  writeRecordHeader,
} from './record.js';
export {
  type RecoveredLog,
  type RecoverLogOptions,
  type RemovedTail,
  recoverLog,
} from './recovery.js';
export {
  logControlWords,
  RingReader,
  RingWriter,
  unitsBetween,
} from './ring.js';
export { type LogIdentity, segmentSequence } from './segment.js';
export type { SnapshotHeader, SnapshotManifest } from './snapshot-file.js';
export {
  type ListOptions,
  listSnapshots,
  prepareSnapshots,
  pruneSnapshots,
  type SnapshotFile,
  type SnapshotList,
  type SnapshotSetAside,
  setSnapshotAside,
  snapshotPath,
} from './snapshot-folder.js';
export {
  openSnapshot,
  type SnapshotEntry,
  type SnapshotReader,
} from './snapshot-reader.js';
export { type SnapshotOptions, SnapshotWriter } from './snapshot-writer.js';
export {
  readSuperblock,
  type Superblock,
  type SuperblockRead,
  writeSuperblock,
} from './superblock.js';
export type { SyncMode } from './sync-mode.js';
