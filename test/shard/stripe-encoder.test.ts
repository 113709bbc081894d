/** The line of stripes: one task for what waits, digests to whom they belong, errors to all. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { Slab } from '../../src/kernel/index.js';
import type { BlobCompute, BlobTasks } from '../../src/shard/blob-tasks.js';
import type { EncodeArgument } from '../../src/shard/encode-stripes.js';
import { StripeEncoder } from '../../src/shard/stripe-encoder.js';
import { clusterId, settled } from './blob-fixture.js';

interface Task {
  readonly argument: EncodeArgument;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

function encoder(threads: number) {
  const tasks: Task[] = [];
  const compute: BlobCompute = {
    threads,
    run<T extends keyof BlobTasks>(_task: T, given: BlobTasks[T]['argument']) {
      const argument = given as EncodeArgument;
      return new Promise<BlobTasks[T]['result']>((resolve, reject) => {
        const digests = argument.stripes.flatMap(({ stripe, data, parity }) =>
          Array.from({ length: data + parity }, (_, number) => stripe * 10 + number),
        );
        tasks.push({ argument, answer: () => resolve(Uint32Array.from(digests)), fail: reject });
      });
    },
  };
  const slab = { ...Slab.allocate(65_536), id: 1 };
  const common = { slab, clusterId, nonce: new Uint8Array(8), blockBytes: 65_536 };
  const encoder = new StripeEncoder(compute, common);
  const done: (readonly [number, number[]])[] = [];
  const failed: (readonly [number, string])[] = [];
  const add = (stripe: number, data: number, parity: number, length = 10): void =>
    encoder.add(
      { blob: 1, stripe, data, parity, offset: 0, length },
      (digests) => done.push([stripe, [...digests]]),
      ({ code }) => failed.push([stripe, code]),
    );
  return { tasks, add, done, failed };
}

test('stripes of one turn share a task; what comes meanwhile is the next', async () => {
  const { tasks, add, done } = encoder(1);
  add(1, 2, 1);
  add(2, 1, 0);
  await settled();
  add(3, 1, 1);
  add(4, 1, 1);
  await settled();
  assert.is(tasks.length, 1);
  tasks[0]?.answer();
  await settled();
  assert.equal(done, [
    [1, [10, 11, 12]],
    [2, [20]],
  ]);
  assert.is(tasks.length, 2);
  assert.is(tasks[1]?.argument.stripes.length, 2);
  tasks[1]?.answer();
  await settled();
  assert.is(done.length, 4);
});

test('as many tasks run as there are threads, and a task is bounded', async () => {
  const { tasks, add } = encoder(2);
  const half = limits.blobEncodeBytes / 2;
  for (let stripe = 0; stripe < 5; stripe++) add(stripe, 1, 0, half);
  add(5, 1, 0, 4 * limits.blobEncodeBytes);
  await settled();
  const sizes = () => tasks.map(({ argument }) => argument.stripes.length);
  assert.equal(sizes(), [2, 2]);
  tasks[0]?.answer();
  tasks[1]?.answer();
  await settled();
  assert.equal(sizes(), [2, 2, 1, 1]);
});

test('a task that fails fails its stripes, and the line goes on', async () => {
  const { tasks, add, done, failed } = encoder(1);
  add(1, 1, 0);
  add(2, 1, 0);
  await settled();
  add(3, 1, 0);
  tasks[0]?.fail(new ThemisError('THEMIS_OVERLOADED', 'busy'));
  await settled();
  tasks[1]?.fail(new RangeError('x'));
  await settled();
  assert.equal(failed, [
    [1, 'THEMIS_OVERLOADED'],
    [2, 'THEMIS_OVERLOADED'],
    [3, 'THEMIS_TASK_FAILED'],
  ]);
  add(4, 1, 0);
  await settled();
  tasks[2]?.answer();
  await settled();
  assert.equal(done, [[4, [40]]]);
});

test.run();
