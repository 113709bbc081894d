/** Folders that change while the store is open. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { append, disk, type Opened, openSet, readBack } from './device-fixture.js';

const nameOf = (counter: number) => ({ blob: 2 ** 32 + counter, stripe: 0, number: 1 });
const bytes = 28_000;

async function running(fs: MemoryFileSystem): Promise<Opened> {
  const opened = await openSet(fs);
  await opened.set.startSession(0);
  for (const device of [0, 1]) await append(opened.set, device, nameOf(device), bytes);
  return opened;
}

const states = ({ set }: Opened): string[] =>
  set.devices.map(({ number, state }) => `${number} ${state}`);

test('the timer looks after the folders', async () => {
  const fs = disk();
  const opened = await running(fs);
  fs.removeTree('/dev/a');
  opened.clock.advance(limits.deviceWatchMs);
  await opened.set.idle();
  assert.equal(states(opened), ['0 failed', '1 healthy']);
  await opened.set.close();
});

test('a device that vanished and came back is rebuilt, with what it holds', async () => {
  const fs = disk();
  const opened = await running(fs);
  fs.rename('/dev/a', '/away');
  await opened.set.look();
  assert.equal(states(opened), ['0 failed', '1 healthy']);
  assert.is(await append(opened.set, 0, nameOf(2), bytes), 'THEMIS_DEVICE_FAILED');
  fs.rename('/away', '/dev/a');
  await opened.set.look();
  assert.equal(states(opened), ['0 rebuilding', '1 healthy']);
  assert.is(readBack(fs, opened.set, nameOf(0), bytes), 'right');
  assert.is(await append(opened.set, 0, nameOf(2), bytes), null);
  opened.set.endRebuild(0);
  assert.equal(states(opened), ['0 healthy', '1 healthy']);
  await opened.set.close();
});

test('an empty folder in its place becomes another device, without anybody', async () => {
  const fs = disk();
  const opened = await running(fs);
  fs.removeTree('/dev/a');
  fs.makeDirectory('/dev/a');
  await opened.set.look();
  assert.equal(states(opened), ['2 rebuilding', '1 healthy']);
  assert.is(readBack(fs, opened.set, nameOf(0), bytes), 'nowhere');
  assert.is(await append(opened.set, 2, nameOf(0), bytes), null);
  assert.is(await append(opened.set, 0, nameOf(5), bytes), 'THEMIS_DEVICE_FAILED', 'retired');
  await opened.set.close();
  const again = await openSet(fs);
  assert.equal(states(again), ['2 rebuilding', '1 healthy']);
  assert.is(readBack(fs, again.set, nameOf(0), bytes), 'right');
  await again.set.close();
});

test('two devices that changed places while open are both noticed', async () => {
  const fs = disk();
  const opened = await running(fs);
  fs.rename('/dev/a', '/x');
  fs.rename('/dev/b', '/dev/a');
  fs.rename('/x', '/dev/b');
  await opened.set.look();
  assert.equal(states(opened), ['0 failed', '1 failed']);
  await opened.set.close();
  const again = await openSet(fs);
  assert.equal(states(again), ['1 rebuilding', '0 rebuilding'], 'known by their ids');
  for (const device of [0, 1]) assert.is(readBack(fs, again.set, nameOf(device), bytes), 'right');
  await again.set.close();
});

test('a device that was missing at the open, and comes back, is taken in', async () => {
  const fs = disk();
  await (await running(fs)).set.close();
  fs.rename('/dev/a', '/away');
  const opened = await openSet(fs);
  assert.equal(states(opened), ['0 failed', '1 healthy']);
  const { session } = await opened.set.startSession(0);
  fs.rename('/away', '/dev/a');
  await opened.set.look();
  assert.equal(states(opened), ['0 rebuilding', '1 healthy']);
  assert.is(readBack(fs, opened.set, nameOf(0), bytes), 'right');
  const name = { blob: session * 2 ** 32, stripe: 0, number: 1 };
  assert.is(await append(opened.set, 0, name, bytes), null);
  await opened.set.close();
});

test('reads that fail degrade a device, many break it, a missing file is looked into', async () => {
  const fs = disk();
  const opened = await running(fs);
  opened.set.reportReadFailure(0, 'EMFILE', 'too many open files');
  opened.set.reportReadFailure(0, 'ENOENT', 'a volume that was freed meanwhile');
  await opened.set.idle();
  assert.equal(states(opened), ['0 healthy', '1 healthy']);
  opened.set.reportReadFailure(0, 'EIO', 'a bad spot');
  assert.equal(states(opened), ['0 degraded', '1 healthy']);
  opened.set.reportHealed(0);
  for (let i = 0; i < limits.deviceReadErrorsMax; i++) opened.set.reportReadFailure(0, 'EIO', 'x');
  assert.equal(states(opened), ['0 failed', '1 healthy']);
  fs.removeTree('/dev/b');
  opened.set.reportReadFailure(1, 'ENOENT', 'no such file');
  await opened.set.idle();
  assert.equal(states(opened), ['0 failed', '1 failed']);
  await opened.set.close();
});

test('a device that is broken does not come back by itself', async () => {
  const fs = disk();
  const opened = await running(fs);
  opened.set.reportFault(0, Object.assign(new RangeError('x'), { code: 'EIO' }));
  await opened.set.look();
  assert.equal(states(opened), ['0 failed', '1 healthy']);
  assert.is(readBack(fs, opened.set, nameOf(0), bytes), 'right', 'a last resort for reads');
  await opened.set.close();
});

test.run();
