/**
 * A thread of coding-threads.ts: encodes one stripe of a slab again and again, from a signal until
 * the next, and posts its calls per second. Ends when it is terminated.
 */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { Coder, loadCodingKernel, Slab, type SlabMemory } from '../../src/kernel/index.js';
import { codingWords } from './coding-words.js';

export interface CodingThreadData extends SlabMemory {
  readonly data: number;
  readonly parity: number;
  readonly shardBytes: number;
  readonly offset: number;
  readonly warmupMs: number;
  readonly words: Int32Array;
}

const { words, offset, shardBytes, warmupMs, ...rest } = workerData as CodingThreadData;
const slab = Slab.over(rest);
const coder = new Coder(rest, loadCodingKernel().kernel);

function encode(calls: number): void {
  for (let i = 0; i < calls; i++) coder.encode(slab, offset, shardBytes, shardBytes);
}

const warm = performance.now() + warmupMs;
do encode(16);
while (performance.now() < warm);
Atomics.add(words, codingWords.ready, 1);
Atomics.notify(words, codingWords.ready);
Atomics.wait(words, codingWords.go, 0);
const start = performance.now();
let calls = 0;
do {
  encode(16);
  calls += 16;
} while (Atomics.load(words, codingWords.stop) === 0);
parentPort?.postMessage((calls / (performance.now() - start)) * 1000);
