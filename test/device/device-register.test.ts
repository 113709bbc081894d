/** Devices that come and go while the store is open, and what the table remembers of them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { readTable } from '../../src/device/device-table.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import { append, directory, disk, kernel, openSet, readBack } from './device-fixture.js';

const name = { blob: 2 ** 32 + 1, stripe: 0, number: 1 };
const bytes = 28_000;

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

test('a device is added, replaced at another path, given another role, and removed', async () => {
  const fs = disk();
  const { set } = await openSet(fs);
  await set.startSession(0);
  await append(set, 0, name, bytes);
  const seen: string[] = [];
  set.listener = {
    deviceChanged: ({ number, state, role }) => seen.push(`${number} ${state} ${role}`),
  };
  const added = await set.addDevice('/dev/c', 'spare');
  assert.is(added.number, 2);
  const replacing = await set.replaceDevice(0, '/dev/d');
  assert.is(replacing.state, 'rebuilding');
  assert.equal(
    set.devices.map(({ path }) => path),
    ['/dev/d', '/dev/b', '/dev/c'],
  );
  assert.is(set.locate(name.blob, 0, 1), null);
  set.setRole(2, 'active');
  await set.removeDevice(1);
  await set.idle();
  const table = readTable(fs, directory, kernel);
  const rows = table.kind === 'valid' ? table.value.rows : [];
  assert.equal(
    rows.map(({ number, role, isRebuilding, path }) => `${number} ${role} ${isRebuilding} ${path}`),
    ['2 active false /dev/c', '3 active true /dev/d'],
  );
  assert.equal(seen, [
    '2 healthy spare',
    '3 rebuilding active',
    '2 healthy active',
    '1 healthy active',
  ]);
  await set.close();
});

test('one that is added before the first blob displaces none that were there', async () => {
  const fs = disk();
  const parts = { paths: null, defaultPaths: ['/dev/a', '/dev/b'] };
  const first = await openSet(fs, parts);
  await first.set.addDevice('/dev/c', 'active');
  await first.set.close();
  const second = await openSet(fs, parts);
  assert.equal(second.set.devices.map(({ path, state }) => `${path} ${state}`).sort(), [
    '/dev/a healthy',
    '/dev/b healthy',
    '/dev/c healthy',
  ]);
  await second.set.close();
});

test('one that was replaced is remembered until its folder has another device', async () => {
  const fs = disk();
  const parts = { paths: ['/dev/a', '/dev/b'], spares: ['/dev/c'] };
  const first = await openSet(fs, parts);
  await first.set.startSession(0);
  first.set.setRole(2, 'active');
  first.set.setRole(0, 'replaced');
  await first.set.removeDevice(0);
  await first.set.close();
  const rowsOf = (): string[] => {
    const table = readTable(fs, directory, kernel);
    const rows = table.kind === 'valid' ? table.value.rows : [];
    return rows.map(({ number, role, path }) => `${number} ${role} ${path}`);
  };
  assert.equal(rowsOf(), ['1 active /dev/b', '2 active /dev/c', '0 replaced /dev/a']);
  for (const name of fs.list('/dev/a')) fs.removeTree(`/dev/a/${name}`);
  fs.open('/dev/a/strange', { access: 'read-write', create: true }).close();
  const second = await openSet(fs, parts);
  assert.equal(
    second.set.devices.map(({ path }) => path),
    ['/dev/b', '/dev/c'],
    'it opens, whatever is there now',
  );
  await second.set.close();
  fs.unlink('/dev/a/strange');
  const third = await openSet(fs, parts);
  assert.equal(rowsOf(), ['3 active /dev/a', '1 active /dev/b', '2 active /dev/c']);
  await third.set.close();
});

test('only an empty folder is added', async () => {
  const fs = disk();
  const { set } = await openSet(fs);
  await set.startSession(0);
  assert.is(await failure(set.addDevice('/dev/a', 'active')), 'THEMIS_DEVICE_DUPLICATE');
  fs.makeDirectory('/dev/full');
  fs.open('/dev/full/file', { access: 'read-write', create: true }).close();
  assert.is(await failure(set.addDevice('/dev/full', 'active')), 'THEMIS_FOLDER_INVALID');
  assert.is(await failure(set.addDevice('/no/where', 'active')), 'THEMIS_DEVICE_FAILED');
  await set.removeDevice(1);
  assert.is(await failure(set.addDevice('/dev/b', 'active')), 'THEMIS_DEVICE_DUPLICATE');
  assert.is(set.devices.length, 1);
  await set.close();
});

test('a device that failed is remembered as not whole', async () => {
  const fs = disk();
  const first = await openSet(fs);
  await first.set.startSession(0);
  await append(first.set, 0, name, bytes);
  first.set.reportFault(0, Object.assign(new RangeError('x'), { code: 'EIO' }));
  await first.set.close();
  const second = await openSet(fs);
  assert.is(second.set.devices[0]?.state, 'rebuilding');
  assert.is(readBack(fs, second.set, name, bytes), 'right');
  second.set.endRebuild(0);
  await second.set.close();
  const third = await openSet(fs);
  assert.is(third.set.devices[0]?.state, 'healthy');
  await third.set.close();
});

test('a session whose table cannot be written is none; the next has a higher number', async () => {
  const fs = disk();
  const faulty = new FaultyFileSystem(fs);
  const { set } = await openSet(faulty);
  faulty.inject({ operation: 'write', path: '/data/devices', error: 'ENOSPC' });
  assert.is(await failure(set.startSession(0)), 'THEMIS_DEVICE_FAILED');
  assert.is((await set.startSession(0)).session, 2);
  await set.close();
});

test.run();
