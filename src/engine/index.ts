/**
 * engine: composes log, consensus and state into the public store.
 * Invariants: every write goes through the replicated log; a read without a snapshot sees every
 * acknowledged write; nothing is served that failed its checksum.
 * May import: everything below it (base to shard).
 */
export { type Folder, openFolder } from './folder.js';
export { acquireFolderLock, type FolderLock } from './folder-lock.js';
export { open } from './open.js';
export type { ThemisSnapshot } from './snapshot.js';
export type {
  DeviceStatus,
  Health,
  RecoveryReport,
  StoreStatus,
  ValueStat,
} from './status.js';
export { type RepairOptions, type StreamOptions, Themis } from './themis.js';
