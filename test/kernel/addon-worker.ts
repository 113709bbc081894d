/** Entry of the threads in addon.test.ts: loads its own kernel, sums CRCs of shared bytes. */
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../../src/base/index.js';
import { loadKernel } from '../../src/kernel/index.js';

const { bytes, tier, rounds } = workerData as {
  bytes: Uint8Array;
  tier: string;
  rounds: number;
};

const { kernel } = loadKernel({ force: tier });
const ranges = Uint32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i * 10 : 90 + i));
const results = new Uint32Array(100);
let sum = 0;
for (let round = 0; round < rounds; round++) {
  sum = kernel.crc32c(bytes, round, bytes.length - round, sum);
  kernel.crc32cRanges(bytes, ranges, 100, results);
  for (const crc of results) sum = (sum ^ crc) >>> 0;
}
must(parentPort, 'this file runs as a thread').postMessage(sum);
