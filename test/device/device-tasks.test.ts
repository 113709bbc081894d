/** Tasks by name: what a thread runs, over real files, and how their errors come back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import type { DeviceTasks } from '../../src/device/index.js';
import { createThreadPool, workerUrls } from '../../src/pool/index.js';
import { temporaryFolder } from '../io/temporary-folder.js';
import {
  clusterId,
  disk,
  inlineThreads,
  kernel,
  nodeId,
  sealed,
  volumeBytes,
} from './device-fixture.js';

const deviceId = new Uint8Array(16).fill(3);
const identity = { clusterId, nodeId, deviceId, session: 1, createdMs: 5, number: 0 };
const name = { blob: 2 ** 32 + 1, stripe: 0, number: 0 };

type Run = <T extends keyof DeviceTasks>(
  task: T,
  argument: Omit<DeviceTasks[T]['argument'], 'setting'>,
) => Promise<DeviceTasks[T]['result']>;

/** One life of a device; the results of all its tasks. */
async function life(run: Run): Promise<unknown[]> {
  const { memory, bytes } = sealed(name, 100_000);
  const group = {
    volume: 1,
    position: 4_096,
    memory: memory.bytes,
    pieces: Uint32Array.of(0, bytes),
  };
  const results: unknown[] = [
    await run('initialize', { identity }),
    await run('create-volume', { volume: 1, volumeBytes, spare: null, mayFill: false }),
    await run('create-volume', { volume: 2, volumeBytes, spare: null, mayFill: false }),
    await run('append', { group }),
  ];
  const listed = async () => {
    const { freeBytes: free, ...names } = await run('list-volumes', {});
    return { ...names, hasRoom: free > 0 };
  };
  const { rows, end } = await run('load-volume', { volume: 1 });
  const step = { from: 1, to: 2, position: 4_096, rows };
  results.push(
    rows,
    await run('copy', { step }),
    await run('verify', { volume: 2, rows }),
    await run('write-index', { index: { volume: 2, end, isSealed: true, rows } }),
    await run('load-volume', { volume: 2 }),
    await run('reopen-volume', { volume: 2 }),
    await run('free-volume', { volume: 1, keep: true }),
    await listed(),
    await run('drop-spare', { volume: 1 }),
    await listed(),
    await run('write-identity', { identity: { ...identity, session: 2 } }),
  );
  const { found, freeBytes } = await run('probe', {});
  results.push(found, freeBytes > 0);
  return results;
}

test('a thread over real files and tasks inline over memory give the same results', async () => {
  const fs = disk();
  const inline = inlineThreads(fs);
  const inMemory = { path: '/dev/a', clusterId, deviceId, kernel: kernel.name };
  const pool = createThreadPool({
    name: 'device',
    url: workerUrls.device,
    threads: 1,
    queueMax: 8,
  });
  const onDisk = { ...inMemory, path: `${temporaryFolder()}/a` };
  try {
    const expected = await life((task, argument) =>
      inline.run(0, task, { ...argument, setting: inMemory } as never),
    );
    const found = await life((task, argument) => pool.run(task, { ...argument, setting: onDisk }));
    assert.equal(found, expected);
    try {
      await pool.run('load-volume', { setting: onDisk, volume: 9 });
      assert.unreachable();
    } catch (error) {
      assert.is(codeOf(error), 'THEMIS_TASK_FAILED');
      assert.is(codeOf((error as Error).cause), 'ENOENT');
    }
  } finally {
    await pool.close();
  }
});

test('a kernel that cannot be had fails the task, with its code', async () => {
  const { run } = (await import(workerUrls.device.href)) as {
    run: (message: object) => Promise<{ kind: string; code: string }>;
  };
  const setting = { path: '/nowhere', clusterId, deviceId, kernel: 'no-such-kernel' };
  const outcome = await run({ task: 'probe', argument: { setting } });
  assert.is(outcome.code, 'THEMIS_KERNEL_UNAVAILABLE');
});

test.run();
