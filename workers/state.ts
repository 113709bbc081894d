/** The state thread: opens or rebuilds the state, then applies what is committed. */
export { runStateThread as run } from '../src/engine/state-thread-start.js';
