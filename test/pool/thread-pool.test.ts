/** The pool of threads: bounded, typed errors that name the task, and no hang when a thread dies. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createThreadPool } from '../../src/pool/index.js';

const url = new URL('../fixtures/pool-worker.js', import.meta.url);

function pool(queueMax = 4) {
  return createThreadPool({ name: 'test', url, threads: 1, queueMax });
}

function flag(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function wake(word: Int32Array): void {
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
}

async function rejection(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new RangeError('expected a rejection');
}

test('a task gets its argument and its result comes back', async () => {
  const threads = pool();
  assert.equal(await threads.run('echo', { a: [1, 2] }), { a: [1, 2] });
  await threads.close();
});

test('errors keep their code across the border and name the task', async () => {
  const threads = pool();
  const typed = await rejection(threads.run('typed-error', null));
  assert.is(typed.code, 'THEMIS_DISK_FULL');
  const plain = await rejection(threads.run('plain-error', null));
  assert.is(plain.code, 'THEMIS_TASK_FAILED');
  assert.match(plain.message, /plain-error.*EBAD.*out of range/);
  await threads.close();
});

test('a thread that dies fails its task, and the pool goes on with another', async () => {
  const threads = pool();
  const death = await rejection(threads.run('exit', null));
  assert.is(death.code, 'THEMIS_TASK_FAILED');
  assert.match(death.message, /exit/);
  assert.is(await threads.run('echo', 1), 1);
  await threads.close();
});

test('the queue is bounded: one task too many is refused at once', async () => {
  const threads = pool(1);
  const word = flag();
  const running = threads.run('wait', word);
  const queued = threads.run('echo', 1);
  const refused = await rejection(threads.run('echo', 2));
  assert.is(refused.code, 'THEMIS_OVERLOADED');
  wake(word);
  assert.is(await running, 'woken');
  assert.is(await queued, 1);
  await threads.close();
});

test('a deadline ends the task; so does an abort', async () => {
  const threads = pool();
  const late = await rejection(threads.run('wait', flag(), { deadlineMs: 30 }));
  assert.is(late.code, 'THEMIS_DEADLINE_EXCEEDED');
  const controller = new AbortController();
  const aborted = rejection(threads.run('wait', flag(), { signal: controller.signal }));
  controller.abort();
  assert.is((await aborted).code, 'THEMIS_ABORTED');
  assert.is(await threads.run('echo', 3), 3);
  await threads.close();
});

test('closing fails what runs and what comes later', async () => {
  const threads = pool();
  const running = rejection(threads.run('wait', flag()));
  await threads.close();
  assert.is((await running).code, 'THEMIS_CLOSED');
  assert.is((await rejection(threads.run('echo', 1))).code, 'THEMIS_CLOSED');
});

test.run();
