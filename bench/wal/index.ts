/**
 * bench/wal: the log alone against group commit in C.
 * May import: harness, and base, io, kernel, pool and wal of src.
 */
export type { LogContestant, LogSync, LogUnderTest } from './contestant.js';
export { logContestants } from './contestants.js';
export { type DriveOptions, driveLog } from './drive-log.js';
export {
  type Compiled,
  compileGroupCommit,
  type GroupCommitMode,
  type GroupCommitRun,
  parseGroupCommit,
  runGroupCommit,
} from './group-commit.js';
export { runWalSuite, type SuiteResult, type WalSuiteOptions } from './suite.js';
