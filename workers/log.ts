/** The log thread: recovers the log, then serves its ring until it is told to stop. */
export { runLogThread as run } from '../src/engine/log-thread-start.js';
