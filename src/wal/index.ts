/**
 * wal: one write-ahead log per node. Records of many streams, batched, sealed and synced together.
 * Invariants: nothing is reported durable before its sync returned; any sync error ends the log;
 * damaged records are never treated as absent.
 * May import: base, config, io, telemetry, kernel, pool.
 */
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
