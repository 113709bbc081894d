/**
 * io: every side effect behind an interface, with a node and a memory twin.
 *
 *   interface    node twin           memory twin         beside them
 *   FileSystem   nodeFileSystem      MemoryFileSystem    FaultyFileSystem (wraps either)
 *   Clock        nodeClock           ManualClock
 *   Timers       nodeTimers          memoryTimers
 *   Random       systemRandom        seededRandom
 *
 * Invariants:
 * - Nothing outside this folder calls Date.now, Math.random, setTimeout, process.hrtime or fs.
 * - Both twins of an interface pass the same contract suite (test/contract).
 * - Memory twins are deterministic: the same calls and seeds give the same results.
 * - Errors carry the system's `code`; an injected one is recognisable (`isInjected`).
 *
 * May import: base, config.
 */
export { alignedBytes } from './aligned-bytes.js';
export type { Clock, TimerHandle, Timers } from './clock.js';
export { ManualClock } from './clock-memory.js';
export { nodeClock } from './clock-node.js';
export type { FileHandle, FileStat, FileSystem, OpenOptions, Space } from './file-system.js';
export {
  crashPointOperations,
  type FaultRule,
  FaultyFileSystem,
  type FaultyFileSystemOptions,
  type FileCall,
  type FileOperation,
  fileOperations,
} from './file-system-faulty.js';
export { MemoryFileSystem, type MemoryFileSystemOptions } from './file-system-memory.js';
export { nodeFileSystem } from './file-system-node.js';
export type { CrashChoice } from './memory-file.js';
export { fileIdentity, isOpenHere } from './open-files.js';
export type { Random, RandomStream } from './random.js';
export { systemRandom } from './random-node.js';
export { seededRandom } from './random-seeded.js';
export { isInjected, SystemError, type SystemErrorCode } from './system-error.js';
export { timerMsMax } from './timer-delay.js';
export { memoryTimers } from './timers-memory.js';
export { nodeTimers } from './timers-node.js';
export {
  readDamaged,
  readVectorWhole,
  readWhole,
  writeVectorWhole,
  writeWhole,
} from './transfer.js';
