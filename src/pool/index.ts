/**
 * pool: threads. A bounded pool for short tasks and resident threads that serve a ring.
 * Invariants: every queue is bounded; a thread's death is reported as an error that names the
 * task, never a hang; errors keep their codes across the border.
 * May import: base, config, io, telemetry.
 */
export { failure, type Outcome, outcomeOf, outcomeValue } from './outcome.js';
export { ResidentThread, type ResidentThreadOptions } from './resident-thread.js';
export {
  createThreadPool,
  type RunOptions,
  type ThreadPool,
  type ThreadPoolOptions,
} from './thread-pool.js';
export { createThreadPort, type ThreadPort, type ThreadRequest } from './thread-port.js';
export { workerUrls } from './worker-urls.js';
