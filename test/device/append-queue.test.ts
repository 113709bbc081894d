/**
 * The queue of one device's writes: how groups form, and what becomes of them when a write fails.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { type Append, AppendQueue } from '../../src/device/append-queue.js';
import { DeviceCall } from '../../src/device/device-call.js';
import { faultError } from '../../src/device/device-fault.js';
import type { DeviceTasks } from '../../src/device/device-tasks.js';
import { VolumeBook } from '../../src/device/volume-book.js';
import { SystemError } from '../../src/io/index.js';
import { clusterId } from './device-fixture.js';

const volumeBytes = 1 << 20;

interface Rig {
  readonly queue: AppendQueue;
  readonly book: VolumeBook;
  /** What happened, in order. */
  readonly events: string[];
  /** The code that each fragment was told, by blob; null for durable. */
  readonly told: Map<number, string | null>;
  refusal: ThemisError | null;
  /** Fails the next call of a task. */
  failing: { task: keyof DeviceTasks; error: SystemError } | null;
  isWriting: boolean;
  /** Holds writes back until the promise is there. */
  gate: Promise<void>;
  push(blob: number, bytes: number, memory?: Uint8Array): void;
}

const memoryOf = new Uint8Array(volumeBytes);

function rig(): Rig {
  const events: string[] = [];
  const told = new Map<number, string | null>();
  const book = new VolumeBook(volumeBytes);
  const run = async (_thread: number, task: keyof DeviceTasks, argument: object) => {
    one.isWriting = task === 'append';
    if (one.isWriting) await one.gate;
    events.push(describe(task, argument));
    const { failing } = one;
    if (failing?.task === task) {
      one.failing = null;
      throw failing.error;
    }
    return null as never;
  };
  const setting = { path: '/d', clusterId, deviceId: new Uint8Array(16), kernel: undefined };
  const queue = new AppendQueue({
    call: new DeviceCall({ count: 1, run }, 0, setting),
    book,
    refusal: () => one.refusal,
    appended: (group, volume, position) =>
      events.push(`indexed ${group.map(({ name }) => name.blob)} in ${volume} at ${position}`),
    sealed: ({ number }) => events.push(`sealed ${number}`),
    faulted: (fault) => {
      events.push(`fault ${fault.kind}`);
      return faultError('/d', fault);
    },
  });
  const one: Rig = {
    queue,
    book,
    events,
    told,
    refusal: null,
    failing: null,
    isWriting: false,
    gate: Promise.resolve(),
    push: (blob, bytes, memory = memoryOf) => queue.push(appendOf(blob, bytes, memory, told)),
  };
  return one;
}

function describe(task: keyof DeviceTasks, argument: object): string {
  if (!('group' in argument)) return task;
  const { group } = argument as DeviceTasks['append']['argument'];
  return `append ${group.pieces.length / 2} to ${group.volume} at ${group.position}`;
}

function appendOf(
  blob: number,
  bytes: number,
  memory: Uint8Array,
  told: Map<number, string | null>,
): Append {
  const done = (error: ThemisError | null): unknown => told.set(blob, error?.code ?? null);
  const name = { blob, stripe: 0, number: 0 };
  return { kind: 'append', name, memory, offset: 0, bytes, done: (error) => void done(error) };
}

test('what comes while a group is written is the next group', async () => {
  const one = rig();
  let open = (): void => undefined;
  one.gate = new Promise((resolve) => {
    open = resolve;
  });
  for (const blob of [1, 2]) one.push(blob, 8_192);
  while (!one.isWriting) await Promise.resolve();
  for (const blob of [3, 4, 5]) one.push(blob, 8_192);
  assert.is(one.told.size, 0, 'nothing is durable yet');
  open();
  await one.queue.idle();
  assert.equal(one.events.slice(1), [
    'append 2 to 1 at 4096',
    'indexed 1,2 in 1 at 4096',
    'append 3 to 1 at 20480',
    'indexed 3,4,5 in 1 at 20480',
  ]);
  assert.equal(
    [...one.told],
    [1, 2, 3, 4, 5].map((blob) => [blob, null]),
  );
});

test('groups end at another memory, at a copy, and with the volume', async () => {
  const one = rig();
  one.push(1, 8_192);
  one.push(2, 8_192, new Uint8Array(8_192));
  one.push(3, volumeBytes - 4_096 - 3 * 8_192, memoryOf);
  one.push(4, 8_192);
  one.push(5, 8_192);
  await one.queue.idle();
  const wrote = one.events.filter((event) => !event.startsWith('indexed'));
  assert.equal(wrote, [
    'create-volume',
    'append 1 to 1 at 4096',
    'append 1 to 1 at 12288',
    `append 2 to 1 at 20480`,
    'sealed 1',
    'create-volume',
    'append 1 to 2 at 4096',
  ]);
});

test('a failed write is told to its group, seals the volume, and is not tried again', async () => {
  const one = rig();
  one.push(1, 8_192);
  await one.queue.idle();
  one.failing = { task: 'append', error: new SystemError('EIO', 'write', '/d') };
  one.push(2, 8_192);
  await one.queue.idle();
  one.push(3, 8_192);
  await one.queue.idle();
  assert.equal(
    [...one.told],
    [
      [1, null],
      [2, 'THEMIS_DEVICE_FAILED'],
      [3, null],
    ],
  );
  assert.equal(one.events.slice(-4), [
    'fault broken',
    'create-volume',
    'append 1 to 2 at 4096',
    'indexed 3 in 2 at 4096',
  ]);
});

test('without a volume nothing is written', async () => {
  const one = rig();
  one.failing = { task: 'create-volume', error: new SystemError('ENOSPC', 'write', '/d') };
  one.push(1, 8_192);
  await one.queue.idle();
  assert.equal([...one.told], [[1, 'THEMIS_DEVICE_FULL']]);
  assert.equal(one.events, ['create-volume', 'fault full']);
});

test('a refusal goes to all that wait', async () => {
  const one = rig();
  one.refusal = new ThemisError('THEMIS_CLOSED', 'closed');
  for (const blob of [1, 2, 3]) one.push(blob, 8_192);
  await one.queue.idle();
  assert.equal(
    [...one.told.values()],
    [1, 2, 3].map(() => 'THEMIS_CLOSED'),
  );
  assert.equal(one.events, []);
});

test('the index of a volume goes before the volume is written again', async () => {
  const one = rig();
  one.book.use(one.book.add(4, volumeBytes, 65_536, true));
  one.queue.resume();
  one.push(1, 8_192);
  one.push(2, 8_192);
  await one.queue.idle();
  assert.equal(one.events.slice(0, 2), ['reopen-volume', 'append 2 to 4 at 65536']);
  assert.is(one.queue.isIndexed, false);
});

test.run();
