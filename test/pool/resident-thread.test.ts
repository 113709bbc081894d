/** A resident thread: starts, answers rare requests, and its death is an error, never a hang. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ThemisError } from '../../src/base/index.js';
import { ResidentThread } from '../../src/pool/index.js';

const url = new URL('../fixtures/resident-worker.js', import.meta.url);

async function started() {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const thread = new ResidentThread({ name: 'test', url });
  assert.is(await thread.start({ words, fail: false }), 'started');
  const ask = <T>(task: string, argument: unknown): Promise<T> => {
    const answer = thread.request<T>(task, argument);
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
    return answer;
  };
  return { thread, ask };
}

async function codeOfRejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return (error as ThemisError).code;
  }
}

test('requests are answered and refused by number', async () => {
  const { thread, ask } = await started();
  const answers = await Promise.all([ask('double', 4), ask('double', 5)]);
  assert.equal(answers, [8, 10]);
  assert.is(await codeOfRejection(ask('refuse', null)), 'THEMIS_TASK_FAILED');
  await thread.close();
});

test('what the thread reports by itself arrives', async () => {
  const { thread, ask } = await started();
  const reported = new Promise((resolve) => {
    thread.reported = resolve;
  });
  ask('report', 42).catch(() => 'closed');
  assert.equal(await reported, { seen: 42 });
  await thread.close();
});

test('a start that fails rejects with what went wrong', async () => {
  const thread = new ResidentThread({ name: 'test', url });
  const words = new Int32Array(new SharedArrayBuffer(4));
  assert.is(await codeOfRejection(thread.start({ words, fail: true })), 'THEMIS_TASK_FAILED');
  await thread.close();
});

test('the death of the thread rejects what waits and what comes, and is told once', async () => {
  const { thread, ask } = await started();
  let deaths = 0;
  thread.died = () => deaths++;
  assert.is(await codeOfRejection(ask('die', null)), 'THEMIS_TASK_FAILED');
  assert.is(await codeOfRejection(thread.request('double', 1)), 'THEMIS_TASK_FAILED');
  assert.is(deaths, 1);
  await thread.close();
});

test('an ended loop closes without a word of death', async () => {
  const { thread, ask } = await started();
  let deaths = 0;
  thread.died = () => deaths++;
  await ask('end', null);
  await thread.close();
  assert.is(deaths, 0);
});

test('a thread that dies before it ended its loop rejects the request to end it', async () => {
  const { thread, ask } = await started();
  const dying = codeOfRejection(ask('die', null));
  assert.is(await codeOfRejection(ask('end', null)), 'THEMIS_TASK_FAILED');
  assert.is(await dying, 'THEMIS_TASK_FAILED');
  await thread.close();
});

test.run();
