/**
 * io: every side effect behind an interface, with a node and a memory twin.
 *
 * Invariants:
 * - Nothing outside this folder calls Date.now, Math.random, setTimeout, process.hrtime or fs.
 * - Both twins of an interface pass the same contract suite (test/contract).
 * - An error carries the system's `code`; an injected one is recognisable (`isInjected`).
 *
 * May import: base, config.
 */
export { alignedBytes } from './aligned-bytes.js';
export type { Clock, TimerHandle, Timers } from './clock.js';
export { nodeClock } from './clock-node.js';
export type { FileHandle, FileStat, FileSystem, OpenOptions } from './file-system.js';
export { nodeFileSystem } from './file-system-node.js';
export type { Random, RandomStream } from './random.js';
export { systemRandom } from './random-node.js';
export { seededRandom } from './random-seeded.js';
export { isInjected, SystemError, type SystemErrorCode } from './system-error.js';
export { nodeTimers } from './timers-node.js';
