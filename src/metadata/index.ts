/**
 * metadata: versioned state, applied from the log.
 * May import: base, config, io, telemetry, kernel, pool, wal, consensus.
 */
export {
  commandHeaderBytes,
  operationBytes,
  operationHeaderBytes,
  operationKinds,
} from './command.js';
