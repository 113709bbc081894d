/** A compute thread: one task at a time, by name. */
export { runComputeTask as run } from '../src/engine/compute-tasks.js';
