/** The devices of a store as a whole: sessions, appends, deletes, what a reopening finds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import type { DeviceSetParts, DeviceThreads } from '../../src/device/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { append, disk, inlineThreads, openSet, readBack } from './device-fixture.js';

const nameOf = (session: number, counter: number, stripe = 0, number = 0) => ({
  blob: session * 2 ** 32 + counter,
  stripe,
  number,
});

test('a store that writes no blob starts no thread and changes no folder', async () => {
  const fs = disk();
  const { set, threads } = await openSet(fs);
  assert.equal(threads.ran, []);
  await set.close();
  assert.equal(fs.paths(), []);
  assert.equal(threads.ran, []);
});

test('what was appended is read back, also after a reopening', async () => {
  const fs = disk();
  const opened = await openSet(fs);
  const { session } = await opened.set.startSession(0);
  assert.is(session, 1);
  const sizes = [1, 4_095, 4_096, 4_097, 65_536, 65_537, 150_000];
  for (const [i, bytes] of sizes.entries()) {
    assert.is(await append(opened.set, i % 2, nameOf(session, i), bytes), null);
  }
  const check = (set: typeof opened.set): void => {
    for (const [i, bytes] of sizes.entries()) {
      assert.is(readBack(fs, set, nameOf(session, i), bytes), 'right');
    }
  };
  check(opened.set);
  await opened.set.close();
  const again = await openSet(fs);
  check(again.set);
  for (const { freeBytes } of again.set.devices) assert.ok(freeBytes > 0, 'room is known at once');
  assert.is((await again.set.startSession(0)).session, 2);
  await again.set.close();
});

function copyFile(fs: MemoryFileSystem, from: string, to: string): void {
  const bytes = fs.bytesOf(from);
  const handle = fs.open(to, { access: 'read-write', create: true });
  handle.write(bytes, 0, bytes.length, 0);
  handle.close();
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

test('a session has a higher number than any table, device, state or fragment knows', async () => {
  const fs = disk();
  const first = await openSet(fs);
  const both = await Promise.all([first.set.startSession(0), first.set.startSession(0)]);
  assert.is(both[0], both[1], 'one session for an open');
  assert.is(await append(first.set, 0, nameOf(8, 1), 100), null);
  await first.set.close();
  for (const [change, known, expected] of [
    [() => undefined, 0, 9],
    [() => undefined, 11 * 2 ** 32 + 5, 12],
    [() => fs.unlink('/data/devices'), 0, 13],
    [() => fs.removeTree('/dev/b'), 0, 14],
  ] as const) {
    change();
    const { set } = await openSet(fs);
    const { session, nonce } = await set.startSession(known);
    assert.is(session, expected);
    assert.is(nonce.length, 8);
    await set.close();
  }
});

test('a blob is forgotten with all its fragments, and blobs are listed once', async () => {
  const { set } = await openSet(disk());
  const { session } = await set.startSession(0);
  for (const counter of [1, 2]) {
    for (const [stripe, number] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      assert.is(await append(set, number, nameOf(session, counter, stripe, number), 500), null);
    }
  }
  const blobs = (): number[] => {
    const found: number[] = [];
    set.forEachBlob((blob) => found.push(blob % 2 ** 32));
    return found.sort();
  };
  assert.equal(blobs(), [1, 2]);
  set.forgetBlob(nameOf(session, 1).blob, 2, 2);
  assert.equal(blobs(), [2]);
  assert.is(set.fragments.count, 4);
  const seen: string[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    cursor = set.visit(cursor, 3, ({ stripe, number }, place) => {
      seen.push(`${stripe}/${number} on ${place.device}`);
    });
  }
  assert.equal(seen.sort(), ['0/0 on 0', '0/1 on 1', '1/0 on 0', '1/1 on 1']);
  await set.close();
});

/** Two devices with a fragment each, closed. */
async function closedStore(): Promise<MemoryFileSystem> {
  const fs = disk();
  const { set } = await openSet(fs);
  await set.startSession(0);
  for (const device of [0, 1]) assert.is(await append(set, device, nameOf(1, device), 500), null);
  await set.close();
  return fs;
}

async function states(fs: MemoryFileSystem, parts: Partial<DeviceSetParts> = {}): Promise<string> {
  const { set } = await openSet(fs, parts);
  const found = set.devices.map(({ number, state }) => `${number} ${state}`).join(', ');
  const readable = [0, 1].map((device) => readBack(fs, set, nameOf(1, device), 500)).join(' ');
  await set.close();
  return `${found}; ${readable}`;
}

test('devices that are missing, swapped, replaced or older are recognized at an open', async () => {
  const table: readonly (readonly [string, (fs: MemoryFileSystem) => void, string])[] = [
    ['nothing', () => undefined, '0 healthy, 1 healthy; right right'],
    [
      'swapped',
      (fs) => {
        fs.rename('/dev/a', '/x');
        fs.rename('/dev/b', '/dev/a');
        fs.rename('/x', '/dev/b');
      },
      '1 healthy, 0 healthy; right right',
    ],
    ['missing', (fs) => fs.removeTree('/dev/a'), '0 failed, 1 healthy; nowhere right'],
    [
      'replaced',
      (fs) => {
        fs.removeTree('/dev/a');
        fs.makeDirectory('/dev/a');
      },
      '2 rebuilding, 1 healthy; nowhere right',
    ],
    ['no table', (fs) => fs.unlink('/data/devices'), '0 healthy, 1 healthy; right right'],
    [
      'its volumes removed',
      (fs) => fs.removeTree('/dev/a/volumes'),
      '0 rebuilding, 1 healthy; nowhere right',
    ],
    [
      'both copies of its identity damaged',
      (fs) => {
        for (const at of [20, 4_116]) fs.flipBit('/dev/a/device', at, 1);
      },
      '0 failed, 1 healthy; nowhere right',
    ],
  ];
  for (const [what, change, expected] of table) {
    const fs = await closedStore();
    change(fs);
    assert.is(await states(fs), expected, what);
  }
});

test('a device restored from an older copy is rebuilt', async () => {
  const fs = await closedStore();
  const older = fs.clone();
  const { set } = await openSet(fs);
  await set.startSession(0);
  await set.close();
  for (const name of ['device', 'volumes/00000001.volume']) {
    fs.restoreStale(`/dev/a/${name}`, older);
  }
  assert.is(await states(fs), '0 rebuilding, 1 healthy; right right');
});

test('devices of others, doubled ones, and folders with other things are refused', async () => {
  const fs = await closedStore();
  const other = new Uint8Array(16).fill(77);
  assert.is(await failure(openSet(fs, { nodeId: other })), 'THEMIS_FOLDER_FOREIGN');
  const alien = disk();
  const { set } = await openSet(alien, { clusterId: other });
  await set.startSession(0);
  await set.close();
  alien.unlink('/data/devices');
  assert.is(await failure(openSet(alien)), 'THEMIS_FOLDER_FOREIGN');
  const twice = { paths: ['/dev/a', '/dev/b', '/dev/a'] };
  assert.is(await failure(openSet(fs, twice)), 'THEMIS_DEVICE_DUPLICATE');
  fs.makeDirectory('/dev/copy');
  copyFile(fs, '/dev/a/device', '/dev/copy/device');
  const copied = { paths: ['/dev/a', '/dev/b', '/dev/copy'] };
  assert.is(await failure(openSet(fs, copied)), 'THEMIS_DEVICE_DUPLICATE');
  const strange = { paths: ['/dev/a', '/dev/b', '/data'] };
  assert.is(await failure(openSet(fs, strange)), 'THEMIS_FOLDER_INVALID');
});

test('devices are spread over the threads there are', async () => {
  const fs = disk();
  const threads = inlineThreads(fs, 2);
  const used: number[] = [];
  const run: DeviceThreads['run'] = (thread, task, argument) => {
    if (task === 'append') used.push(thread);
    return threads.run(thread, task, argument);
  };
  const { set } = await openSet(fs, { threads: { count: 2, run } });
  const { session } = await set.startSession(0);
  for (const device of [0, 1, 0, 1]) await append(set, device, nameOf(session, used.length), 100);
  assert.equal(used, [0, 1, 0, 1]);
  await set.close();
});

test.run();
