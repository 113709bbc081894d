/**
 * Devices that are damaged in every way, alone and together, and stores that lose power while they
 * heal: every value reads right at any time, and is whole again without anybody doing anything.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB } from '../../src/base/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { sweepRepairCrashes } from './repair-sweeps.js';
import {
  assertReadable,
  type Damage,
  damages,
  freshDisk,
  type Named,
  openWorld,
  putValues,
  restoreOlder,
  until,
  type WorldOptions,
  whyNotWhole,
} from './repair-world.js';

const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `/dev/${name}`);
const options: WorldOptions = { code: { data: 4, parity: 2 }, paths: six };
const lengths = [70 * KiB, 100_001, 300 * KiB];

/** A closed store with values of two sessions, and the disk as it was after the first. */
async function closedStore(): Promise<{
  readonly files: MemoryFileSystem;
  readonly older: MemoryFileSystem;
  readonly named: Named;
}> {
  const files = freshDisk();
  const named: Named = new Map();
  const first = await openWorld(files, named, options);
  await putValues(first, named, lengths);
  await first.close();
  const older = files.clone();
  const second = await openWorld(files, named, options);
  await putValues(second, named, lengths);
  await second.close();
  return { files, older, named };
}

const { files: healthy, older, named } = await closedStore();

type Way = Damage | 'stale';
const ways: readonly Way[] = ['replaced', 'rotten', 'misplaced', 'headless', 'stale'];

function damage(files: MemoryFileSystem, way: Way, path: string): void {
  if (way === 'stale') restoreOlder(files, older, path);
  else damages[way](files, path);
}

async function heals(files: MemoryFileSystem): Promise<void> {
  const world = await openWorld(files, named, options);
  await assertReadable(world, named);
  world.repair.start();
  await assertReadable(world, named);
  const job = world.repair.triggerFullScan();
  const isWhole = await until(
    world,
    () => world.repair.getJobStatus(job)?.completed === true && world.report().status === 'HEALTHY',
    1_000,
  );
  assert.is(whyNotWhole(files, world, named), null);
  assert.ok(isWhole, JSON.stringify(world.report()));
  await assertReadable(world, named);
  await world.close();
}

for (const [i, one] of ways.entries()) {
  test(`a device that is ${one}: values read right, and heal`, async () => {
    const files = healthy.clone();
    damage(files, one, '/dev/b');
    await heals(files);
  });
  for (const other of ways.slice(i)) {
    test(`devices that are ${one} and ${other}: values read right, and heal`, async () => {
      const files = healthy.clone();
      damage(files, one, '/dev/a');
      damage(files, other, '/dev/d');
      await heals(files);
    });
  }
}

for (const [kind, step] of [
  ['replaced', 5],
  ['rotten', 7],
  ['replaced-while-open', 7],
  ['spare', 7],
] as const) {
  test(`a power cut while it heals (${kind}): values read right, and heal`, async () => {
    const { states } = await sweepRepairCrashes({ seed: 1, kind, step });
    assert.ok(states > 10, `${states} states`);
  });
}

test.run();
