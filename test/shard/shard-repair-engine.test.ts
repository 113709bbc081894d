/**
 * Values heal by themselves, over a whole store on a machine in memory: devices are lost, rot, are
 * swapped and go back in time; every value reads right meanwhile, and then everything is whole.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import type { RepairRequest } from '../../src/engine/status.js';
import type { Store } from '../../src/engine/store.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import type { RepairJob } from '../../src/shard/index.js';
import {
  bytesOf,
  finished,
  type Machine,
  newMachine,
  type OpenedStore,
  openOn,
  textOf,
} from '../crash/memory-machine.js';

const paths = [0, 1, 2, 3, 4, 5].map((n) => `/drive-${n}`);
const options = {
  devices: paths,
  redundancy: { mode: 'PARITY', data: 4, parity: 2 },
  inlineBytesMax: 300,
} as const;
const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`);
const contentOf = (key: string): string => `${key}:${key.repeat(700)}`;

async function settle(turns = 60): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function filled(machine: Machine, extra: object = {}): Promise<OpenedStore> {
  const opened = await openOn(machine, { ...options, ...extra });
  for (const key of keys) await opened.store.put(bytesOf(key), bytesOf(contentOf(key)));
  await settle();
  return opened;
}

async function assertReads(store: Store): Promise<void> {
  for (const key of keys) assert.is(textOf(await store.get(bytesOf(key))), contentOf(key), key);
}

async function assertWhole(store: Store): Promise<void> {
  for (const key of keys) {
    const large = (await store.stat(bytesOf(key)))?.large;
    assert.is(large?.present, large?.fragments, key);
  }
  const { verdict, devices, shards } = store.health();
  assert.equal(shards[0]?.status, 'HEALTHY', JSON.stringify(store.health()));
  assert.ok(devices.every(({ state }) => state === 'healthy'));
  assert.is(verdict, 'healthy');
}

/** Asks for a repair, and lets time pass until it has ended. */
function repair({ store, clock }: OpenedStore, what: RepairRequest): Promise<RepairJob> {
  return finished(
    store.blobs.repair(what, () => undefined),
    () => clock.advance(10),
  );
}

/** Looks at the devices, as the watch does once a second, and lets repairs run. */
async function pass({ clock }: OpenedStore, times = 3): Promise<void> {
  for (let i = 0; i < times; i++) {
    clock.advance(limits.deviceWatchMs);
    await settle();
  }
}

function volumesOf(files: MemoryFileSystem, path: string): string[] {
  const folder = `${path}/volumes`;
  return files
    .list(folder)
    .filter((name) => name.endsWith('.volume'))
    .map((name) => `${folder}/${name}`);
}

/** One bit in every fourth page of everything that is written. */
function rot(files: MemoryFileSystem, path: string): void {
  for (const volume of volumesOf(files, path)) {
    for (let at = 4096 + 100; at < 100_000; at += 4 * 4096) files.flipBit(volume, at, 3);
  }
}

function lose(files: MemoryFileSystem, path: string): void {
  files.removeTree(path);
}

/** The first of them heals as long as its folder is empty; a drive that is gone needs another. */
const damages: Readonly<Record<string, (files: MemoryFileSystem, path: string) => void>> = {
  lost: (files, path) => {
    lose(files, path);
    files.makeDirectory(path);
  },
  rotten: rot,
};

test('up to two devices damaged in any two ways: every value reads right, then heals', async () => {
  const names = Object.keys(damages);
  for (const first of names) {
    for (const second of names) {
      const machine = newMachine();
      const opened = await filled(machine);
      const { store } = opened;
      damages[first]?.(machine.files, '/drive-1');
      damages[second]?.(machine.files, '/drive-4');
      await assertReads(store);
      await pass(opened);
      const job = await repair(opened, { kind: 'scrub' });
      assert.ok(job.completed, `${first}, ${second}`);
      await pass(opened);
      // What was tried before the empty folder was a device again has its turn now, not later.
      await repair(opened, { kind: 'survey' });
      await pass(opened);
      await assertWhole(store);
      await assertReads(store);
      await store.close();
    }
  }
});

test('devices that were swapped while the store was closed are known', async () => {
  const machine = newMachine();
  await (await filled(machine)).store.close();
  machine.files.rename('/drive-0', '/aside');
  machine.files.rename('/drive-5', '/drive-0');
  machine.files.rename('/aside', '/drive-5');
  const opened = await openOn(machine, options);
  await settle();
  await assertReads(opened.store);
  await assertWhole(opened.store);
  await opened.store.close();
});

test('a device that was put back to an older copy is noticed and brought up', async () => {
  const machine = newMachine();
  const first = await openOn(machine, options);
  await first.store.put(bytesOf('early'), bytesOf(contentOf('early')));
  await first.store.close();
  const old = machine.files.clone();
  const second = await filled(machine);
  await second.store.close();
  machine.files.removeTree('/drive-2');
  copyFolder(old, machine.files, '/drive-2');
  const opened = await openOn(machine, options);
  assert.is(opened.store.blobs.devices[2]?.state, 'rebuilding');
  await assertReads(opened.store);
  await settle();
  await repair(opened, { kind: 'survey' });
  await settle();
  await assertWhole(opened.store);
  await opened.store.close();
});

function copyFolder(from: MemoryFileSystem, to: MemoryFileSystem, path: string): void {
  to.makeDirectory(path);
  for (const name of from.list(path)) {
    const below = `${path}/${name}`;
    if (from.stat(below)?.kind === 'directory') {
      copyFolder(from, to, below);
      continue;
    }
    const bytes = from.bytesOf(below);
    const file = to.open(below, { access: 'read-write', create: true });
    file.write(bytes, 0, bytes.length, 0);
    file.close();
  }
}

test('a missing device is never healthy, and a spare takes its place by itself', async () => {
  const machine = newMachine();
  const opened = await filled(machine, { spares: ['/spare'] });
  const { store, clock } = opened;
  lose(machine.files, '/drive-3');
  await pass(opened);
  const [report] = store.health().shards;
  assert.is.not(report?.status, 'HEALTHY');
  assert.is(report?.documentsDegraded, keys.length);
  await assertReads(store);
  clock.advance(limits.spareGraceMs);
  await settle(200);
  await assertReads(store);
  await assertWhole(store);
  assert.ok(store.blobs.devices.some(({ path, role }) => path === '/spare' && role === 'active'));
  assert.not(store.blobs.devices.some(({ path }) => path === '/drive-3'));
  await store.close();
  const again = await openOn(machine, { ...options, devices: paths.filter((_, i) => i !== 3) });
  await settle();
  assert.ok(
    again.store.blobs.devices.some(({ path, role }) => path === '/spare' && role === 'active'),
  );
  await assertReads(again.store);
  await again.store.close();
});

test('repairs that fail while the device they lack comes are tried at once', async () => {
  // In memory everything happens in microtasks: the device comes in the middle of repairs.
  for (let turns = 0; turns < 400; turns += 16) {
    const machine = newMachine();
    const opened = await filled(machine);
    const { store } = opened;
    lose(machine.files, '/drive-1');
    await pass(opened);
    const lost = store.blobs.devices.find(({ path }) => path === '/drive-1');
    assert.is(lost?.state, 'failed');
    rot(machine.files, '/drive-4');
    const repaired = repair(opened, { kind: 'scrub' });
    for (let i = 0; i < turns; i++) await null;
    const replaced = store.blobs.replaceDevice(lost?.number ?? -1, '/drive-9');
    await finished(replaced, () => opened.clock.advance(10));
    await repaired;
    await pass(opened);
    await assertWhole(store);
    await store.close();
  }
});

test('with no device to write to, repair waits and says so', async () => {
  const machine = newMachine();
  const opened = await filled(machine);
  const { store } = opened;
  lose(machine.files, '/drive-0');
  await pass(opened);
  const job = await repair(opened, { kind: 'survey' });
  assert.equal([job.completed, job.success], [true, false]);
  assert.is(job.documentsFailed, keys.length);
  const { verdict, findings } = store.health();
  assert.is(verdict, 'degraded');
  assert.match(findings.join(' '), 'needs 6 devices that take writes');
  await store.close();
});

test('more losses than the redundancy are said to be lost, and never served', async () => {
  const machine = newMachine();
  const opened = await filled(machine);
  const { store } = opened;
  for (const path of ['/drive-0', '/drive-1', '/drive-2']) lose(machine.files, path);
  await pass(opened);
  await repair(opened, { kind: 'survey' });
  const { verdict, shards } = store.health();
  assert.is(verdict, 'failed');
  assert.equal([shards[0]?.status, shards[0]?.documentsUnrecoverable], ['FAILED', keys.length]);
  const code = await store.get(bytesOf('key-0')).catch((error: { code: string }) => error.code);
  assert.is(code, 'THEMIS_BLOB_LOST');
  await store.close();
});

test('one key can be repaired alone; a key without a large value is no error', async () => {
  const machine = newMachine();
  const opened = await filled(machine);
  const { store } = opened;
  rot(machine.files, '/drive-1');
  await store.get(bytesOf('key-3'));
  const job = await repair(opened, { kind: 'key', key: bytesOf('key-3') });
  assert.equal([job.success, job.documentId, job.documentsScanned], [true, 'key-3', 1]);
  const none = await repair(opened, { kind: 'key', key: bytesOf('none') });
  assert.ok(none.success);
  await store.close();
});

test('a job that is under way when the store closes has not succeeded', async () => {
  const machine = newMachine();
  const opened = await filled(machine);
  const { store } = opened;
  const job = repair(opened, { kind: 'scrub' });
  await store.close();
  const { completed, success, errorMessage } = await job;
  assert.equal([completed, success], [true, false]);
  assert.match(errorMessage ?? '', 'stopped');
});

test('a scrub that was cut off goes on where it was', async () => {
  const machine = newMachine();
  const opened = await filled(machine);
  opened.clock.advance(10 * limits.scrubNoteMs);
  await settle();
  await opened.store.close();
  assert.ok(machine.files.stat('/data/scrub') !== null, 'its place is written down');
});

test.run();
