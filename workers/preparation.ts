/** A thread that makes the files which the log will need. */
export { runPreparation as run } from '../src/wal/preparation.js';
