/** What it costs to wake a sleeping thread: ping-pong with Atomics.wait and notify. */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { ThemisError } from '../../src/base/index.js';
import { Histogram } from '../harness/index.js';
import { wakeUpWords } from './wake-up-words.js';

export interface WakeUp {
  /** One way: half of the way there and back. */
  readonly p50Us: number;
  readonly p99Us: number;
}

const warmups = 50;
const patienceMs = 10_000;

/** Blocks the calling thread while it measures. */
export async function measureWakeUp(rounds: number): Promise<WakeUp> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./wake-up-thread.js', import.meta.url), {
    workerData: { words },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('online', () => resolve());
    });
    const histogram = new Histogram();
    for (let i = 1; i <= rounds + warmups; i++) {
      const before = performance.now();
      Atomics.store(words, wakeUpWords.ping, i);
      Atomics.notify(words, wakeUpWords.ping);
      if (Atomics.wait(words, wakeUpWords.pong, i - 1, patienceMs) === 'timed-out') {
        throw new ThemisError('THEMIS_TASK_FAILED', 'A thread did not wake up for ten seconds');
      }
      if (i > warmups) histogram.record(((performance.now() - before) * 1e6) / 2);
    }
    const { p50Us, p99Us } = histogram.percentiles();
    return { p50Us, p99Us };
  } finally {
    await worker.terminate();
  }
}
