/** The machine’s clock: the contract of clocks, and one start for all threads. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeClock } from '../../src/io/index.js';
import { clockContract } from '../contract/clock.js';

clockContract(test, 'node', () => {
  const clock = nodeClock();
  // Atomics.wait blocks this thread for the given time or longer.
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return { clock, pass: () => Atomics.wait(cell, 0, 0, 2) };
});

test('monotonic times of two threads share one start', async () => {
  const clock = nodeClock();
  const module = new URL('../../src/io/index.js', import.meta.url).href;
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { nodeClock } from '${module}';
    parentPort.postMessage(nodeClock().monotonicMs());
  `;
  const before = clock.monotonicMs();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const there = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  const after = clock.monotonicMs();
  assert.ok(there > before - 1 && there < after + 1, `${before} ${there} ${after}`);
});

test.run();
