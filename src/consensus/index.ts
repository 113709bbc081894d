/**
 * consensus: how commands become committed. Declares the storage that it consumes.
 * Invariants: indexes are contiguous; what is committed stays; commits are in order.
 * May import: base, config, io, telemetry.
 */
export type { LogStorage, LogStorageListener } from './log-storage.js';
export type { ReplicatedLog, ReplicatedLogListener } from './replicated-log.js';
export { createSingleVoter, type SingleVoterOptions } from './single-voter.js';
