/** Compaction: what lives is kept, verified and found; what is damaged is told and held. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { volumePath } from '../../src/device/volume.js';
import { FaultyFileSystem, type FileSystem, type MemoryFileSystem } from '../../src/io/index.js';
import { append, disk, type Opened, openSet, readBack, volumeBytes } from './device-fixture.js';

const bytes = 28_000;
/** Fragments that fill one volume: 32 KiB each with their header. */
const perVolume = volumeBytes / 32_768 - 1;
const nameOf = (counter: number) => ({ blob: 2 ** 32 + counter, stripe: 0, number: 1 });

/** `count` fragments on device 0. */
async function filled(fs: FileSystem, count: number): Promise<Opened> {
  const opened = await openSet(fs);
  await opened.set.startSession(0);
  for (let i = 0; i < count; i++) {
    assert.is(await append(opened.set, 0, nameOf(i), bytes), null);
  }
  await opened.set.idle();
  return opened;
}

function forget({ set }: Opened, counters: readonly number[]): void {
  for (const counter of counters) set.forgetBlob(nameOf(counter).blob, 1, 6);
}

function volumesOf(fs: MemoryFileSystem): string[] {
  return fs.list('/dev/a/volumes').filter((name) => name.endsWith('.volume'));
}

const upTo = (end: number, from = 0): number[] =>
  Array.from({ length: end - from }, (_, i) => from + i);

test('volumes of which nothing lives become spares, and all but one volumes again', async () => {
  const fs = disk();
  const opened = await filled(fs, 2 * perVolume + 1);
  forget(opened, upTo(2 * perVolume));
  await opened.set.idle();
  const spares = ['spare-00000001.volume', 'spare-00000002.volume'];
  assert.equal(volumesOf(fs), ['00000003.volume', ...spares]);
  assert.ok(!opened.threads.ran.includes('copy'));
  const later = upTo(3 * perVolume + 1, 2 * perVolume + 1);
  for (const i of later) assert.is(await append(opened.set, 0, nameOf(i), bytes), null);
  await opened.set.idle();
  assert.equal(volumesOf(fs), ['00000003.volume', '00000004.volume', 'spare-00000002.volume']);
  for (const i of [2 * perVolume, ...later]) {
    assert.is(readBack(fs, opened.set, nameOf(i), bytes), 'right');
  }
  await opened.set.close();
});

test('what lives in a volume that is half dead is moved, and found again', async () => {
  const fs = disk();
  const opened = await filled(fs, 2 * perVolume + 1);
  const dead = [0, 1, 2, 4, 5];
  forget(opened, dead);
  await opened.set.idle();
  assert.ok(opened.threads.ran.includes('copy'));
  const alive = upTo(2 * perVolume + 1).filter((i) => !dead.includes(i));
  const check = (set: Opened['set']): void => {
    for (const i of alive) assert.is(readBack(fs, set, nameOf(i), bytes), 'right');
    for (const i of dead) assert.is(readBack(fs, set, nameOf(i), bytes), 'nowhere');
  };
  check(opened.set);
  assert.ok(!volumesOf(fs).includes('00000001.volume'));
  assert.is(opened.set.devices[0]?.fragments, alive.length);
  assert.is(opened.set.devices[0]?.compactedBytes, 2 * 32_768);
  await opened.set.close();
  const again = await openSet(fs);
  check(again.set);
  await again.set.close();
});

test('what died in a volume while it was appended to is noticed when it is full', async () => {
  const fs = disk();
  const opened = await filled(fs, perVolume);
  forget(opened, [0, 1, 2, 4, 5]);
  await opened.set.idle();
  assert.ok(!opened.threads.ran.includes('copy'), 'it is still appended to');
  assert.is(await append(opened.set, 0, nameOf(perVolume), bytes), null);
  await opened.set.idle();
  assert.ok(!volumesOf(fs).includes('00000001.volume'));
  for (const i of [3, 6, perVolume]) assert.is(readBack(fs, opened.set, nameOf(i), bytes), 'right');
  await opened.set.close();
});

test('a damaged fragment is told, not copied, and its volume held', async () => {
  const fs = disk();
  const opened = await filled(fs, perVolume + 1);
  fs.flipBit(volumePath('/dev/a', 1), 4_096 + 3 * 32_768 + 5_000, 2);
  forget(opened, [0, 1, 2, 4]);
  await opened.set.idle();
  assert.equal(opened.damages.length, 1);
  assert.match(opened.damages[0] ?? '', `0:${nameOf(3).blob}/0/1`);
  assert.ok(volumesOf(fs).includes('00000001.volume'), 'it still holds the damaged one');
  assert.is(opened.set.devices[0]?.state, 'degraded');
  assert.is(readBack(fs, opened.set, nameOf(5), bytes), 'right');
  const place = opened.set.locate(nameOf(3).blob, 0, 1);
  assert.ok(place !== null && opened.set.forgetFragment(nameOf(3), place));
  await opened.set.idle();
  assert.ok(!volumesOf(fs).includes('00000001.volume'));
  await opened.set.close();
});

/** A disk that writes copies wrongly and says nothing. */
function corruptingCopies(fs: MemoryFileSystem, path: string): FileSystem {
  let armed = false;
  return new FaultyFileSystem(fs, {
    onCall: ({ operation, path: at, write }, phase) => {
      // Compaction is what opens the old volume to check it.
      if (operation === 'open' && at === volumePath('/dev/a', 1) && phase === 'after') armed = true;
      if (!armed || operation !== 'write' || phase !== 'after' || at !== path) return;
      fs.flipBit(at, (write?.position ?? 0) + 5_000, 0);
    },
  });
}

test('nothing is freed before its copy was read back and verified', async () => {
  const fs = disk();
  const faulty = corruptingCopies(fs, volumePath('/dev/a', 2));
  const opened = await filled(faulty, perVolume + 1);
  forget(opened, [0, 1, 2, 4, 5]);
  await opened.set.idle();
  for (const i of [3, 6]) assert.is(readBack(fs, opened.set, nameOf(i), bytes), 'right');
  assert.ok(volumesOf(fs).includes('00000001.volume'));
  assert.is(opened.set.devices[0]?.state, 'failed', 'a disk that writes something else is broken');
  await opened.set.close();
});

test('what is forgotten while it is copied stays forgotten', async () => {
  const fs = disk();
  const opened = await filled(fs, perVolume + 1);
  opened.threads.before = ({ task }) => {
    if (task === 'copy') queueMicrotask(() => forget(opened, [3]));
  };
  forget(opened, [0, 1, 2, 4, 5]);
  await opened.set.idle();
  assert.is(readBack(fs, opened.set, nameOf(3), bytes), 'nowhere');
  assert.is(readBack(fs, opened.set, nameOf(6), bytes), 'right');
  assert.is(opened.set.devices[0]?.fragments, 2);
  await opened.set.close();
});

test('an interrupted compaction leaves two copies, of which an open keeps one', async () => {
  const fs = disk();
  const opened = await filled(fs, perVolume + 1);
  let state: MemoryFileSystem | null = null;
  opened.threads.before = ({ task }) => {
    if (task === 'free-volume') state ??= fs.crash('drop-unsynced');
  };
  forget(opened, [0, 1, 2, 4, 5]);
  await opened.set.idle();
  await opened.set.close();
  assert.ok(state !== null, 'a volume was freed');
  if (state === null) return;
  const left: MemoryFileSystem = state;
  const again = await openSet(left);
  assert.is(again.set.places(nameOf(6)).length, 1);
  for (const i of [3, 6, perVolume]) {
    assert.is(readBack(left, again.set, nameOf(i), bytes), 'right');
  }
  await again.set.close();
});

test.run();
