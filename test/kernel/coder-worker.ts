/** Entry of the threads in slab.test.ts and coder.test.ts: fills a slab, or codes stripes in it. */
import { workerData } from 'node:worker_threads';
import { Coder, loadCodingKernel, Slab, type SlabMemory } from '../../src/kernel/index.js';

type Task =
  | { readonly kind: 'fill'; readonly value: number }
  /** Encodes the 4+2 stripes first, first + step, ... of 1,000 bytes a shard, rounds times. */
  | {
      readonly kind: 'encode';
      readonly tier: string;
      readonly first: number;
      readonly step: number;
      readonly rounds: number;
    };

const task = workerData as SlabMemory & Task;
const slab = Slab.over(task);
if (task.kind === 'fill') {
  slab.bytes.fill(task.value);
} else {
  const { kernel } = loadCodingKernel({ force: task.tier });
  const coder = new Coder({ data: 4, parity: 2 }, kernel);
  for (let round = 0; round < task.rounds; round++) {
    for (let at = task.first * 6_000; at + 6_000 <= slab.byteLength; at += task.step * 6_000) {
      coder.encode(slab, at, 1_000, 1_000, round % 2 === 0 ? 'cached' : 'streaming');
    }
  }
}
