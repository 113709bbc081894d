/** Reading tasks: what waits shares one, late ones are hedged around the device that is stuck. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { BlobCompute, BlobTasks } from '../../src/shard/blob-tasks.js';
import { inlineCompute } from '../../src/shard/blob-tasks.js';
import type { ReadArgument } from '../../src/shard/read-pieces.js';
import type { TaskSetting } from '../../src/shard/task-setting.js';
import {
  fixture,
  key,
  manifestOf,
  put,
  randomValue,
  rejection,
  settled,
  small,
  watched,
} from './blob-fixture.js';

/** Reading tasks that run when the test says so. */
class HeldReads {
  readonly tasks: { argument: ReadArgument; run: () => void; fail: () => void }[] = [];

  readonly compute = (setting: TaskSetting): BlobCompute => {
    const inline = inlineCompute(setting);
    const tasks = this.tasks;
    return {
      threads: 1,
      run<T extends keyof BlobTasks>(task: T, argument: BlobTasks[T]['argument']) {
        if (task !== 'read-pieces') return inline.run(task, argument);
        return new Promise<BlobTasks[T]['result']>((resolve, reject) => {
          tasks.push({
            argument: argument as ReadArgument,
            run: () => resolve(inline.run(task, argument)),
            fail: () => reject(new ThemisError('THEMIS_TASK_FAILED', 'the thread died')),
          });
        });
      },
    };
  };

  task(index: number): HeldReads['tasks'][number] {
    const task = this.tasks[index];
    assert.ok(task !== undefined, `task ${index}`);
    return task as HeldReads['tasks'][number];
  }
}

test('what waits while a task runs goes into the next one, up to a bound', async () => {
  const held = new HeldReads();
  const { store } = fixture({ compute: held.compute });
  const value = randomValue(small);
  const manifest = await put(store, value);
  const first = store.read(manifest);
  await settled();
  const rest = Array.from({ length: 30 }, () => store.read(manifest));
  await settled();
  assert.is(held.tasks.length, 1);
  held.task(0).run();
  await first;
  await settled();
  const batch = held.task(1).argument.pieces.length;
  assert.is(batch, Math.floor(limits.blobReadBatchBytes / small));
  for (let i = 1; i < held.tasks.length; i++) {
    held.task(i).run();
    await settled();
  }
  for (const read of rest) assert.ok((await read).equals(value));
});

test('a late read is helped by a second one around the device that is stuck', async () => {
  const held = new HeldReads();
  const { store, devices, clock, damages } = fixture({ compute: held.compute });
  const value = randomValue(small);
  const manifest = await put(store, value);
  const { blob } = manifestOf(manifest);
  const read = watched(store.read(manifest));
  await settled();
  const { argument } = held.task(0);
  const stuck = argument.pieces[0]?.paths[2] ?? -1;
  Atomics.store(argument.progress, 0, stuck + 1);
  clock.advance(limits.blobHedgeMsMin);
  await settled();
  assert.is(held.tasks.length, 2);
  assert.is(held.task(1).argument.pieces[0]?.paths[2], -1, 'it reads around it');
  held.task(1).run();
  await settled();
  assert.ok(read.value?.equals(value));

  // While the first hangs on, other reads go around the device as well.
  const other = watched(store.read(manifest));
  await settled();
  assert.is(held.task(2).argument.pieces[0]?.paths[2], -1);
  held.task(2).run();
  await settled();
  assert.ok(other.value?.equals(value));
  held.task(0).run();
  await settled();
  const later = store.read(manifest);
  await settled();
  assert.not(held.task(3).argument.pieces[0]?.paths[2] === -1, 'it answered');
  held.task(3).run();
  assert.ok((await later).equals(value));
  assert.is(damages.length, 0, 'slow is not damaged');
  assert.ok(devices.locate(blob, 0, 2) !== null);
});

test('a read that waits for a thread, or computes, is not hedged', async () => {
  const held = new HeldReads();
  const { store, clock } = fixture({ compute: held.compute });
  const manifest = await put(store, randomValue(small));
  const read = store.read(manifest);
  await settled();
  clock.advance(1000 * limits.blobHedgeMsMin);
  await settled();
  assert.is(held.tasks.length, 1);
  held.task(0).run();
  assert.is((await read).length, small);
});

test('a hedge that fails leaves the first to answer; a lone task that fails is told', async () => {
  const held = new HeldReads();
  const { store, clock } = fixture({ compute: held.compute });
  const manifest = await put(store, randomValue(small));
  const read = watched(store.read(manifest));
  await settled();
  Atomics.store(held.task(0).argument.progress, 0, 1);
  clock.advance(limits.blobHedgeMsMin);
  await settled();
  held.task(1).fail();
  await settled();
  assert.is(read.error, null);
  held.task(0).run();
  await settled();
  assert.is(read.value?.length, small);
  const failing = rejection(store.read(manifest));
  await settled();
  held.task(2).fail();
  assert.is(await failing, 'THEMIS_TASK_FAILED');
});

test('with too few others the slow device is read all the same', async () => {
  const held = new HeldReads();
  const { store, devices, clock } = fixture({ compute: held.compute });
  const manifest = await put(store, randomValue(small));
  const { blob } = manifestOf(manifest);
  devices.lose(blob, 0, 4);
  devices.lose(blob, 0, 5);
  const read = watched(store.read(manifest));
  await settled();
  Atomics.store(held.task(0).argument.progress, 0, 1);
  clock.advance(limits.blobHedgeMsMin);
  await settled();
  assert.equal(
    [...(held.task(1).argument.pieces[0]?.paths ?? [])].map((path) => path >= 0),
    [true, true, true, true, false, false],
  );
  held.task(0).run();
  await settled();
  assert.is(read.value?.length, small);
});

test('a device that is slow is read after all when too little is left without it', async () => {
  const held = new HeldReads();
  const { store, devices, clock } = fixture({ compute: held.compute });
  const value = randomValue(small);
  const manifest = await put(store, value);
  const { blob } = manifestOf(manifest);
  for (const number of [4, 5]) {
    const place = devices.locate(blob, 0, number);
    devices.fileSystem.unlink(devices.twin(place?.device ?? 0).path);
  }
  const read = watched(store.read(manifest));
  await settled();
  Atomics.store(held.task(0).argument.progress, 0, 1);
  clock.advance(limits.blobHedgeMsMin);
  await settled();
  const paths = (task: number) => [...(held.task(task).argument.pieces[0]?.paths ?? [])];
  assert.is(paths(1).filter((path) => path < 0).length, 1, 'it goes around the slow one');
  held.task(1).run();
  await settled();
  assert.is(read.error, null, 'slow is not lost');
  assert.is(paths(2).filter((path) => path < 0).length, 0, 'now nothing is left out');
  held.task(2).run();
  await settled();
  assert.ok(read.value?.equals(value));
  held.task(0).run();
});

test('reads that wait are bounded; closing fails them and waits for those that run', async () => {
  const held = new HeldReads();
  const { store } = fixture({ compute: held.compute });
  const manifest = await put(store, randomValue(64));
  const first = watched(store.read(manifest));
  await settled();
  const reads = Array.from({ length: limits.blobReadsWaitingMax }, () =>
    rejection(store.read(manifest)),
  );
  assert.is(await rejection(store.read(manifest)), 'THEMIS_OVERLOADED');
  const close = watched(store.close().then(() => 'closed'));
  assert.is(await reads[0], 'THEMIS_CLOSED');
  assert.is(await reads.at(-1), 'THEMIS_CLOSED');
  await settled();
  assert.is(close.value, null);
  held.task(0).run();
  await settled();
  assert.is(first.value?.length, 64);
  assert.is(close.value, 'closed');
});

test('a device that cannot read is reported, and so is the fragment', async () => {
  const { store, devices, damages } = fixture();
  const value = randomValue(small);
  const draft = await store.write(key, value);
  store.settle(draft, 'committed');
  const place = devices.locate(draft.blob, 0, 1);
  devices.fileSystem.unlink(devices.twin(place?.device ?? 0).path);
  assert.ok((await store.read(draft.manifest)).equals(value));
  assert.equal(devices.readFailures, [{ device: place?.device, code: 'ENOENT' }]);
  assert.equal(
    damages.map(({ number, kind }) => [number, kind]),
    [[1, 'failed']],
  );
});

test.run();
