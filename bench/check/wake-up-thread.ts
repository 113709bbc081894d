/** The other half of wake-up.ts: answers every ping with a pong until it is terminated. */
import { workerData } from 'node:worker_threads';
import { wakeUpWords } from './wake-up-words.js';

const { words } = workerData as { words: Int32Array };

for (let seen = 0; ; ) {
  Atomics.wait(words, wakeUpWords.ping, seen);
  seen = Atomics.load(words, wakeUpWords.ping);
  Atomics.store(words, wakeUpWords.pong, seen);
  Atomics.notify(words, wakeUpWords.pong);
}
