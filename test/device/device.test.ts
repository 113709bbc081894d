/** One device: what its faults do to its state and its callers, and what a load finds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { volumePath } from '../../src/device/volume.js';
import {
  FaultyFileSystem,
  type MemoryFileSystem,
  type SystemErrorCode,
} from '../../src/io/index.js';
import { append, disk, openSet, readBack, volumeBytes, withoutDirect } from './device-fixture.js';

const nameOf = (counter: number) => ({ blob: 2 ** 32 + counter, stripe: 0, number: 1 });
const bytes = 28_000;

const table: readonly {
  readonly error: SystemErrorCode;
  readonly told: string;
  readonly state: string;
  readonly later: string | null;
}[] = [
  { error: 'EIO', told: 'THEMIS_DEVICE_FAILED', state: 'failed', later: 'THEMIS_DEVICE_FAILED' },
  { error: 'ENOENT', told: 'THEMIS_DEVICE_FAILED', state: 'failed', later: 'THEMIS_DEVICE_FAILED' },
  {
    error: 'EROFS',
    told: 'THEMIS_DEVICE_FAILED',
    state: 'degraded',
    later: 'THEMIS_DEVICE_FAILED',
  },
  { error: 'ENOSPC', told: 'THEMIS_DEVICE_FULL', state: 'degraded', later: 'THEMIS_DEVICE_FULL' },
  { error: 'EMFILE', told: 'THEMIS_TASK_FAILED', state: 'healthy', later: null },
];

for (const { error, told, state, later } of table) {
  test(`a write that fails with ${error} is told, and others go on`, async () => {
    const fs = disk();
    const faulty = new FaultyFileSystem(fs);
    const { set } = await openSet(faulty);
    await set.startSession(0);
    assert.is(await append(set, 0, nameOf(1), bytes), null);
    faulty.inject({ operation: 'write', path: '/dev/a/', error });
    assert.is(await append(set, 0, nameOf(2), bytes), told);
    assert.is(set.devices[0]?.state, state);
    assert.is(set.devices[0]?.isWritable, later === null);
    assert.is(await append(set, 0, nameOf(3), bytes), later);
    assert.is(await append(set, 1, nameOf(4), bytes), null, 'the other device');
    for (const counter of [1, 4]) assert.is(readBack(fs, set, nameOf(counter), bytes), 'right');
    assert.is(readBack(fs, set, nameOf(2), bytes), 'nowhere');
    await set.close();
  });
}

test('a sync that failed is not tried again: its volume is left, the device fails', async () => {
  const fs = disk();
  const faulty = new FaultyFileSystem(fs);
  const { set } = await openSet(withoutDirect(faulty));
  await set.startSession(0);
  assert.is(await append(set, 0, nameOf(1), bytes), null);
  faulty.inject({ operation: 'sync', path: '/dev/a/', error: 'EIO' });
  const syncs = (): number =>
    faulty.calls().filter(({ operation, path }) => {
      return operation === 'sync' && path === volumePath('/dev/a', 1);
    }).length;
  const before = syncs();
  assert.is(await append(set, 0, nameOf(2), bytes), 'THEMIS_DEVICE_FAILED');
  assert.is(await append(set, 0, nameOf(3), bytes), 'THEMIS_DEVICE_FAILED');
  assert.is(syncs(), before + 1);
  assert.is(set.devices[0]?.state, 'failed');
  await set.close();
  const left = fs.crash('drop-unsynced');
  const again = await openSet(left);
  assert.is(readBack(left, again.set, nameOf(1), bytes), 'right');
  await again.set.close();
});

test('a full device takes writes again when something was freed', async () => {
  const fs = disk();
  const faulty = new FaultyFileSystem(fs);
  const { set } = await openSet(faulty);
  await set.startSession(0);
  for (let i = 0; i < 8; i++) await append(set, 0, nameOf(i), bytes);
  faulty.inject({ operation: 'write', path: '/dev/a/', error: 'ENOSPC' });
  assert.is(await append(set, 0, nameOf(9), bytes), 'THEMIS_DEVICE_FULL');
  assert.is(await append(set, 0, nameOf(9), bytes), 'THEMIS_DEVICE_FULL');
  for (let i = 0; i < 7; i++) set.forgetBlob(nameOf(i).blob, 1, 6);
  await set.idle();
  assert.is(set.devices[0]?.state, 'healthy');
  assert.is(await append(set, 0, nameOf(9), bytes), null);
  await set.close();
});

test('a full device takes writes again when the file system has room', async () => {
  const fs = disk();
  const faulty = new FaultyFileSystem(fs);
  const { set } = await openSet(faulty);
  await set.startSession(0);
  faulty.inject({ operation: 'write', path: '/dev/a/', error: 'ENOSPC' });
  assert.is(await append(set, 0, nameOf(1), bytes), 'THEMIS_DEVICE_FULL');
  await set.look();
  assert.is(await append(set, 0, nameOf(1), bytes), null);
  assert.ok((set.devices[0]?.freeBytes ?? 0) > volumeBytes);
  await set.close();
});

test('on a disk that is full, deletes make room for what comes next', async () => {
  // Three volumes and the small files; the other device has none yet.
  const fs = disk(3 * volumeBytes + 150_000);
  const { set } = await openSet(fs);
  await set.startSession(0);
  let written = 0;
  while ((await append(set, 0, nameOf(written), bytes)) === null) written++;
  assert.is(written, 3 * 7);
  assert.is(set.devices[0]?.state, 'degraded');
  assert.is(await append(set, 1, nameOf(99), bytes), 'THEMIS_DEVICE_FULL');
  for (let i = 0; i < written; i++) assert.is(readBack(fs, set, nameOf(i), bytes), 'right');
  for (let i = 0; i < 16; i++) set.forgetBlob(nameOf(i).blob, 1, 6);
  await set.idle();
  assert.is(set.devices[0]?.state, 'healthy');
  for (let i = 16; i < written; i++) assert.is(readBack(fs, set, nameOf(i), bytes), 'right');
  // One of the two that were freed; the other is kept for compaction.
  for (let i = 30; i < 37; i++) assert.is(await append(set, 0, nameOf(i), bytes), null);
  assert.is(await append(set, 0, nameOf(37), bytes), 'THEMIS_DEVICE_FULL');
  await set.close();
});

test('a device that is full of half-dead volumes helps itself', async () => {
  // Of so many volumes, the room of one is kept free.
  const fs = disk(24 * volumeBytes);
  const { set } = await openSet(fs);
  await set.startSession(0);
  let written = 0;
  while ((await append(set, 0, nameOf(written), bytes)) === null) written++;
  assert.ok(written >= 21 * 7, `${written} fragments`);
  // Four of seven in every volume: none is empty.
  const dead = (i: number): boolean => i % 7 < 4;
  for (let i = 0; i < written; i++) if (dead(i)) set.forgetBlob(nameOf(i).blob, 1, 6);
  await set.idle();
  assert.is(set.devices[0]?.state, 'healthy');
  for (let i = 0; i < written; i++) {
    assert.is(readBack(fs, set, nameOf(i), bytes), dead(i) ? 'nowhere' : 'right');
  }
  for (let i = 1_000; i < 1_014; i++) assert.is(await append(set, 0, nameOf(i), bytes), null);
  await set.close();
});

/** A device with two fragments, closed; then the index of its volume is changed. */
async function closed(change: (fs: MemoryFileSystem, index: string) => void) {
  const fs = disk();
  const { set } = await openSet(fs);
  await set.startSession(0);
  for (const counter of [1, 2]) await append(set, 0, nameOf(counter), bytes);
  await set.close();
  change(fs, volumePath('/dev/a', 1).replace('.volume', '.index'));
  return openSet(fs).then((opened) => ({ fs, ...opened }));
}

test('a volume that was closed is appended to again; one without an index is not', async () => {
  const volumes = (fs: MemoryFileSystem): number =>
    fs.list('/dev/a/volumes').filter((name) => name.endsWith('.volume')).length;
  for (const [change, expected] of [
    [() => undefined, 1],
    [(fs: MemoryFileSystem, index: string) => fs.unlink(index), 2],
    [(fs: MemoryFileSystem, index: string) => fs.flipBit(index, 5_000 - 904, 1), 2],
  ] as const) {
    const { fs, set } = await closed(change);
    await set.startSession(0);
    assert.is(await append(set, 0, nameOf(3), bytes), null);
    await set.idle();
    for (const counter of [1, 2, 3]) assert.is(readBack(fs, set, nameOf(counter), bytes), 'right');
    assert.is(volumes(fs), expected);
    await set.close();
  }
});

test('what waits when it is closed is refused, what is in flight ends', async () => {
  const { set } = await openSet(disk());
  await set.startSession(0);
  const first = append(set, 0, nameOf(1), bytes);
  const closing = set.close();
  assert.is(await first, 'THEMIS_CLOSED');
  await closing;
  assert.is(await append(set, 0, nameOf(2), bytes), 'THEMIS_CLOSED');
});

test.run();
