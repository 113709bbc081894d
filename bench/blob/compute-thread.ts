/** A compute thread of the suite: the tasks of blobs alone. */
import { type BlobMessage, runBlobTask } from '../../src/shard/index.js';

export const run = (message: BlobMessage) => runBlobTask(message, undefined);
