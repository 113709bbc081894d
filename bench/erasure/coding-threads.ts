/** Several threads that encode stripes of one slab at the same time. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ThemisError } from '../../src/base/index.js';
import type { Slab } from '../../src/kernel/index.js';
import type { CodingThreadData } from './coding-thread.js';
import { codingWords } from './coding-words.js';

export interface ThreadsRun {
  readonly slab: Slab;
  readonly threads: number;
  readonly data: number;
  readonly parity: number;
  readonly shardBytes: number;
  /** Both before it and in it a thread encodes so long. */
  readonly sampleMs: number;
}

const patienceMs = 30_000;

/** Calls per second of all threads together. Blocks the calling thread while they work. */
export async function encodeInThreads(run: ThreadsRun): Promise<number> {
  const { slab, threads, data, parity, shardBytes, sampleMs } = run;
  const words = new Int32Array(new SharedArrayBuffer(4 * codingWords.count));
  const workers = Array.from({ length: threads }, (_, i) => {
    const offset = i * (data + parity) * shardBytes;
    const { memory, byteLength } = slab;
    const workerData: CodingThreadData = {
      ...{ memory, byteLength, data, parity, shardBytes, offset, words },
      warmupMs: sampleMs,
    };
    return new Worker(new URL('./coding-thread.js', import.meta.url), { workerData });
  });
  try {
    const rates = Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
    await Promise.all(workers.map((worker) => once(worker, 'online')));
    for (let ready = 0; ready < threads; ready = Atomics.load(words, codingWords.ready)) {
      if (Atomics.wait(words, codingWords.ready, ready, patienceMs) === 'timed-out') {
        throw new ThemisError(
          'THEMIS_TASK_FAILED',
          'Coding threads were not ready in half a minute',
        );
      }
    }
    Atomics.store(words, codingWords.go, 1);
    Atomics.notify(words, codingWords.go);
    Atomics.wait(words, codingWords.stop, 0, sampleMs);
    Atomics.store(words, codingWords.stop, 1);
    const numbers: readonly number[] = await rates;
    return numbers.reduce((sum, rate) => sum + rate, 0);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
