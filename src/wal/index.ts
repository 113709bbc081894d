/**
 * wal: one write-ahead log per node. Records of many streams, batched, sealed and synced together.
 * Invariants: nothing is reported durable before its sync returned; any sync error ends the log;
 * damaged records are never treated as absent.
 * May import: base, config, io, telemetry, kernel, pool.
 */
export { checkIdentity, type Identity, identityBytes } from './identity.js';
export {
  nextChain,
  type RecordHeader,
  readRecordHeader,
  recordAlign,
  recordBytes,
  recordHeaderBytes,
  recordKinds,
  recordOffsets,
  writeRecordHeader,
} from './record.js';
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
  verifySnapshot,
} from './snapshot-reader.js';
export { type SnapshotOptions, SnapshotWriter } from './snapshot-writer.js';
export { StateHash } from './state-hash.js';
export {
  readSuperblock,
  type Superblock,
  type SuperblockRead,
  writeSuperblock,
} from './superblock.js';
export { readDamaged, readWhole, writeWhole } from './transfer.js';
