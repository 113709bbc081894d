/** Threads that load their code: who ends them waits, and the process survives. */
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ResidentThread, workerUrls } from '../../src/pool/index.js';
import { LoadingThreads } from '../../src/pool/loading-threads.js';

/** A thread, played by the test. */
class ThreadPlayed extends EventEmitter {
  references = 0;

  ref(): void {
    this.references++;
  }

  get asWorker(): Worker {
    return this as EventEmitter as Worker;
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test('settled waits for the first message or the end of every thread that is watched', async () => {
  const loading = new LoadingThreads();
  await loading.settled();
  const [a, b] = [new ThreadPlayed(), new ThreadPlayed()];
  loading.watch([a.asWorker]);
  loading.watch([a.asWorker, b.asWorker]);
  let isSettled = false;
  const settled = loading.settled().then(() => {
    isSettled = true;
  });
  await turns();
  assert.equal([isSettled, a.references, b.references], [false, 1, 1]);
  a.emit('message', {});
  await turns();
  assert.is(isSettled, false);
  b.emit('exit', 1);
  await settled;
  loading.watch([a.asWorker, b.asWorker]);
  await loading.settled();
});

test('real threads that are closed while they load do not take the process with them', async () => {
  for (let round = 0; round < 8; round++) {
    const threads = [workerUrls.state, workerUrls.log, workerUrls.compute].map(
      (url) => new ResidentThread({ name: 'short-lived', url }),
    );
    await Promise.all(threads.map((thread) => thread.close()));
  }
});

test.run();
