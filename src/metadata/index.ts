/**
 * metadata: versioned state, applied from the log.
 *
 * Invariants:
 * - The state is that of one applied index at any time, also after a crash: every batch carries it.
 * - Every record's checksum over key, version and value is verified at every read.
 * - What a live snapshot reads is kept; history that none reads is removed.
 * - Nothing here is the only copy: the state is rebuilt from a snapshot and the log.
 *
 * May import: base, config, io, telemetry, kernel, pool, wal, consensus.
 */
export { Applier, type ApplierOptions } from './applier.js';
export {
  Backlog,
  BacklogBuilder,
  type BacklogData,
  type BacklogPlace,
  type KeyOperation,
  operationOn,
} from './backlog.js';
export { blobEntries, highestBlob } from './blob-registry.js';
export {
  checkCommand,
  commandHeaderBytes,
  commandOperations,
  nextOperation,
  operationBytes,
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
  writeCommandHeader,
  writeOperation,
} from './command.js';
export type {
  KeyRange,
  KeyValueBatch,
  KeyValueEntry,
  KeyValueIterator,
  KeyValueStore,
  KeyValueStores,
} from './key-value-store.js';
export { classicStores, openClassicStore } from './key-value-store-classic.js';
export { MemoryStores } from './key-value-store-memory.js';
export {
  type AuditOptions,
  type AuditProgress,
  type AuditResult,
  auditLevelDb,
} from './leveldb-audit.js';
export { LiveSnapshots } from './live-snapshots.js';
export { LogReplay, type LogReplayOptions } from './log-replay.js';
export { PendingIndex } from './pending-index.js';
export {
  type SnapshotTaskOptions,
  type WrittenSnapshot,
  writeStateSnapshot,
} from './snapshot-task.js';
export { StateControl } from './state-control.js';
export {
  asidePath,
  type OpenedState,
  openState,
  type RebuildSource,
  type StateEntry,
  type StateFolderOptions,
} from './state-folder.js';
export type { BlobEntry, StateMeta } from './state-record.js';
export { StateLoop, type StateLoopOptions } from './state-thread.js';
export { BlobReference, blobOf, blobOffset, type StoredValue } from './stored-value.js';
export { VersionedCursor, type VersionedEntry } from './versioned-cursor.js';
export { VersionedReader, type VersionedReaderOptions } from './versioned-reader.js';
