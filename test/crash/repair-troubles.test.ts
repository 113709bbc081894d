/**
 * What goes wrong around repair, and what the first system got wrong: nothing that is missing is
 * called healthy, nothing is let go before its copy was read back, and nothing stops the rest.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB, MiB, must, ThemisError } from '../../src/base/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import {
  assertReadable,
  damages,
  freshDisk,
  type Named,
  type OpenedWorld,
  openWorld,
  putValues,
  surplusPlaces,
  until,
  type WorldOptions,
  whyNotWhole,
} from './repair-world.js';

const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `/dev/${name}`);
const options: WorldOptions = { code: { data: 4, parity: 2 }, paths: six };
const lengths = [70 * KiB, 100_001, 300 * KiB];

async function stored(
  world: WorldOptions = options,
): Promise<{ readonly files: MemoryFileSystem; readonly named: Named }> {
  const files = freshDisk();
  const named: Named = new Map();
  const opened = await openWorld(files, named, world);
  await putValues(opened, named, lengths);
  await opened.close();
  return { files, named };
}

async function becomes(world: OpenedWorld, status: string, seconds = 300): Promise<void> {
  const came = await until(world, () => world.report().status === status, seconds);
  assert.ok(came, JSON.stringify(world.report()));
}

function away(files: MemoryFileSystem, path: string): void {
  files.rename(path, `${path}-away`);
  files.syncDirectory('/dev');
}

function back(files: MemoryFileSystem, path: string): void {
  files.rename(`${path}-away`, path);
  files.syncDirectory('/dev');
}

test('devices that were away and come back lose nothing, whatever spares did', async () => {
  const spares = ['/dev/s', '/dev/t', '/dev/u'];
  const { files, named } = await stored({ ...options, spares });
  const world = await openWorld(files, named, { ...options, spares });
  world.repair.start();
  await becomes(world, 'HEALTHY');
  for (const path of ['/dev/a', '/dev/b', '/dev/c']) away(files, path);
  await world.devices.look();
  await becomes(world, 'FAILED');
  await until(world, () => false, 300);
  for (const path of ['/dev/a', '/dev/b', '/dev/c']) back(files, path);
  await world.devices.look();
  await assertReadable(world, named);
  await becomes(world, 'HEALTHY', 5_000);
  assert.is(whyNotWhole(files, world, named), null);
  await world.close();
});

test('a spare that took over leaves a store that opens, come what may', async () => {
  const spares = ['/dev/s'];
  const { files, named } = await stored({ ...options, spares });
  const first = await openWorld(files, named, { ...options, spares });
  first.repair.start();
  await becomes(first, 'HEALTHY');
  for (const name of ['device', 'device.partial']) {
    if (files.stat(`/dev/b/${name}`) !== null) files.unlink(`/dev/b/${name}`);
  }
  files.syncDirectory('/dev/b');
  await first.devices.look();
  assert.is(first.report().status === 'HEALTHY', false, 'a missing device is not healthy');
  await until(first, () => whyNotWhole(files, first, named) === null, 300);
  assert.is(whyNotWhole(files, first, named), null);
  await first.close();
  const second = await openWorld(files, named, { ...options, spares });
  await assertReadable(second, named);
  await second.close();
});

test('a catalog that cannot be read is not healthy, although it was before', async () => {
  const { files, named } = await stored();
  let isBroken = false;
  const beforeList = (): void => {
    if (isBroken) throw new ThemisError('THEMIS_STATE_CORRUPT', 'the state is damaged');
  };
  const world = await openWorld(files, named, { ...options, beforeList });
  world.repair.start();
  await becomes(world, 'HEALTHY');
  isBroken = true;
  await becomes(world, 'DEGRADED', 1_000);
  assert.match(world.report().lastError ?? '', 'the state is damaged');
  isBroken = false;
  await becomes(world, 'HEALTHY', 1_000);
  await world.close();
});

test('the scrub goes on after a pass that failed', async () => {
  const { files, named } = await stored();
  let failures = 3;
  const beforeList = (): void => {
    if (failures-- > 0) throw new ThemisError('THEMIS_STATE_CORRUPT', 'the state is damaged');
  };
  const world = await openWorld(files, named, { ...options, beforeList });
  damages.rotten(files, '/dev/e');
  world.repair.start();
  const came = await until(world, () => whyNotWhole(files, world, named) === null, 20_000);
  assert.ok(came, JSON.stringify(world.report()));
  await world.close();
});

test('a manifest that is damaged does not stop the repair of other values', async () => {
  const { files, named } = await stored();
  const [first, ...rest] = [...named.values()];
  const damaged = must(first, 'a value');
  const broken: Named = new Map(named);
  broken.set(damaged.blob, { ...damaged, manifest: Buffer.alloc(76) });
  damages.replaced(files, '/dev/c');
  const world = await openWorld(files, broken, options);
  world.repair.start();
  const others: Named = new Map(rest.map((one) => [one.blob, one]));
  assert.ok(await until(world, () => whyNotWhole(files, world, others) === null, 300));
  assert.is.not(world.report().status, 'HEALTHY');
  await world.close();
});

test('a job about one document reads all of it, and is judged by it alone', async () => {
  const { files, named } = await stored();
  const sound = files.clone();
  const world = await openWorld(files, named, options);
  const [one, other] = [...named.values()].map((value) => must(value, 'a value'));
  for (const path of six.slice(0, 5)) damages.headless(files, path);
  // Of the first value one fragment stays rotten, of the others more than can be lost.
  for (let number = 0; number < 5; number++) {
    const at = must(world.devices.locate(must(one, 'a value').blob, 0, number), 'a place');
    const { path, offset, bytes } = world.devices.readPlace(at);
    files.overwrite(path, sound.bytesOf(path).subarray(offset, offset + bytes), offset);
    if (number === 0) files.flipBit(path, offset + 5_000, 1);
  }
  world.repair.start();
  const key = must(one, 'a value').key;
  const job = await world.repair.whenDone(world.repair.triggerDocumentRepair(key));
  assert.is(job.success, true, JSON.stringify(job));
  assert.is(job.documentsRepaired, 1);
  const own: Named = new Map([[must(one, 'a value').blob, must(one, 'a value')]]);
  assert.is(whyNotWhole(files, world, own), null);
  const lost = await world.repair.whenDone(
    world.repair.triggerDocumentRepair(must(other, 'a value').key),
  );
  assert.is(lost.success, false, JSON.stringify(lost));
  assert.is(lost.completed, true);
  await world.close();
});

test('copies that came back with their device are let go', async () => {
  const eight = [...six, '/dev/g', '/dev/h'];
  const { files, named } = await stored({ ...options, paths: eight });
  const world = await openWorld(files, named, { ...options, paths: eight });
  world.repair.start();
  await becomes(world, 'HEALTHY');
  away(files, '/dev/b');
  await world.devices.look();
  assert.ok(await until(world, () => whyNotWhole(files, world, named) === null, 300));
  back(files, '/dev/b');
  await world.devices.look();
  await becomes(world, 'HEALTHY', 1_000);
  assert.is(whyNotWhole(files, world, named), null);
  assert.ok(await until(world, () => surplusPlaces(world, named) === 0, 2_000));
  assert.is(whyNotWhole(files, world, named), null);
  await world.close();
});

test('with too few devices as much as can be is made again, the rest waits', async () => {
  const { files, named } = await stored();
  away(files, '/dev/a');
  damages.replaced(files, '/dev/b');
  const world = await openWorld(files, named, options);
  world.repair.start();
  await until(world, () => false, 100);
  assert.is.not(world.report().status, 'HEALTHY');
  const perValue = [...named.values()].map(
    ({ blob }) =>
      [0, 1, 2, 3, 4, 5].filter((number) => {
        const place = world.devices.locate(blob, 0, number);
        const device = world.devices.devices.find((view) => view.number === place?.device);
        return device !== undefined && device.state !== 'failed';
      }).length,
  );
  assert.equal(
    perValue,
    lengths.map(() => 5),
  );
  back(files, '/dev/a');
  await world.devices.look();
  await becomes(world, 'HEALTHY', 300);
  assert.is(whyNotWhole(files, world, named), null);
  await world.close();
});

test('a device that is removed or added is noticed at once, whatever was tried', async () => {
  const { files, named } = await stored();
  const world = await openWorld(files, named, options);
  world.repair.start();
  await becomes(world, 'HEALTHY');
  await world.devices.removeDevice(2);
  await becomes(world, 'DEGRADED', 2);
  assert.is(world.report().documentsDegraded, named.size);
  // Tried, and parked for long.
  await until(world, () => false, 1_000);
  await world.devices.addDevice('/dev/g', 'active');
  await becomes(world, 'HEALTHY', 10);
  assert.is(whyNotWhole(files, world, named), null);
  await world.close();
});

test('a device that fails while nothing is stored is not healthy', async () => {
  const files = freshDisk();
  const named: Named = new Map();
  const first = await openWorld(files, named, options);
  await putValues(first, named, [100 * KiB]);
  await first.close();
  named.clear();
  const world = await openWorld(files, named, options);
  world.repair.start();
  await becomes(world, 'HEALTHY');
  assert.is(world.report().documentsScanned, 0);
  away(files, '/dev/f');
  await world.devices.look();
  await until(world, () => false, 400);
  assert.is(world.report().status, 'DEGRADED');
  await world.close();
});

test('without automatic repair nothing is repaired, but what somebody asks for', async () => {
  const { files, named } = await stored();
  damages.replaced(files, '/dev/b');
  const config = { enableAutoRepair: false, enablePeriodicScan: false };
  const world = await openWorld(files, named, { ...options, config });
  world.repair.start();
  await until(world, () => false, 700);
  assert.is(world.report().documentsDegraded, named.size);
  assert.is(world.repair.getRepairMetrics().totalRepairsAttempted, 0);
  const job = await world.repair.whenDone(world.repair.triggerRepair());
  assert.equal([job.success, job.documentsRepaired], [true, named.size]);
  assert.is(whyNotWhole(files, world, named), null);
  await becomes(world, 'HEALTHY');
  const { totalRepairsSuccessful, lastRepairTime } = world.repair.getRepairMetrics();
  assert.is(totalRepairsSuccessful, named.size, 'asked for or not, all of them count');
  assert.ok(lastRepairTime !== null);
  await world.close();
});

test('a spare is AVAILABLE, then REBUILDING, and ACTIVE only when all is there', async () => {
  const spares = ['/dev/s'];
  const { files, named } = await stored({ ...options, spares });
  const seen: string[] = [];
  let opened: OpenedWorld | null = null;
  const look = (): void => {
    const state = opened?.repair.getSpares()[0]?.state ?? seen.at(-1) ?? 'none';
    if (seen.at(-1) !== state) seen.push(state);
    if (opened !== null && state === 'ACTIVE') {
      assert.is(whyNotWhole(files, opened, named), null);
    }
  };
  const world = await openWorld(files, named, { ...options, spares, beforeList: look });
  opened = world;
  world.repair.start();
  await becomes(world, 'HEALTHY');
  look();
  away(files, '/dev/c');
  await world.devices.look();
  for (let i = 0; i < 2_000 && seen.at(-1) !== 'ACTIVE'; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(50);
    look();
  }
  assert.equal(seen, ['AVAILABLE', 'REBUILDING', 'ACTIVE']);
  opened = null;
  assert.ok(await until(world, () => world.devices.devices.length === 6, 100));
  await becomes(world, 'HEALTHY');
  await world.close();
});

test('a value of several stripes heals in all of them, each on devices of its own', async () => {
  const large: WorldOptions = { ...options, volumeBytes: 16 * MiB };
  const files = freshDisk();
  const named: Named = new Map();
  const first = await openWorld(files, named, large);
  await putValues(first, named, [9_000_001]);
  await first.close();
  damages.replaced(files, '/dev/a');
  damages.rotten(files, '/dev/f');
  const world = await openWorld(files, named, large);
  await assertReadable(world, named);
  world.repair.start();
  const id = world.repair.triggerFullScan();
  await until(world, () => world.repair.getJobStatus(id)?.completed === true, 300);
  const job = world.repair.getJobStatus(id);
  assert.equal([job?.success, job?.documentsScanned], [true, 1], JSON.stringify(job));
  assert.is(whyNotWhole(files, world, named), null);
  await assertReadable(world, named);
  await becomes(world, 'HEALTHY');
  await world.close();
});

test('a job that was stopped is no success', async () => {
  const { files, named } = await stored();
  damages.replaced(files, '/dev/b');
  const world = await openWorld(files, named, options);
  world.repair.start();
  const ids = [world.repair.triggerFullScan(), world.repair.triggerRepair()];
  const ended = Promise.all(ids.map((id) => world.repair.whenDone(id)));
  await world.repair.stop();
  for (const job of await ended) {
    assert.is(job.completed, true);
    assert.is(job.success, false);
    assert.match(job.errorMessage ?? '', 'stopped');
  }
  await assertReadable(world, named);
  await world.close();
});

test('what the first system could not decode: 10+4 without fragments 0, 1, 3', async () => {
  const paths = Array.from({ length: 14 }, (_, i) => `/dev/${i}`);
  const wide: WorldOptions = { code: { data: 10, parity: 4 }, paths };
  const { files, named } = await stored(wide);
  const world = await openWorld(files, named, wide);
  for (const { blob } of named.values()) {
    for (const number of [0, 1, 3]) {
      const place = must(world.devices.locate(blob, 0, number), 'a place');
      world.devices.forgetFragment({ blob, stripe: 0, number }, place);
    }
  }
  await assertReadable(world, named);
  world.repair.start();
  await becomes(world, 'HEALTHY');
  assert.is(whyNotWhole(files, world, named), null);
  await world.close();
});

test.run();
