/** A compute thread of the suite: the tasks of blobs alone. */
export { runBlobTask as run } from '../../src/shard/index.js';
