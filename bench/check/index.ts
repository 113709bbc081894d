/**
 * bench/check: a verdict on the machine, with reasons and what to do.
 * May import: harness, and base, io and kernel of src.
 */
export { measureChecksum, measureCopy } from './memory.js';
export { type CheckSuiteOptions, runCheckSuite } from './suite.js';
export { type CheckedSyncMode, measureSync, type SyncLatency, syncModes } from './sync-latency.js';
export { measurePool, type PoolLatency } from './thread-pool.js';
export {
  judgeCopy,
  judgeFileSystem,
  judgeKernel,
  judgeMachine,
  judgePool,
  judgeSync,
  judgeWakeUp,
} from './verdicts.js';
export { measureWakeUp, type WakeUp } from './wake-up.js';
