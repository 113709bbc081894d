/** Failed devices and who takes their place: after the grace, a spare, or the own folder again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { HotSpares } from '../../src/shard/hot-spare.js';
import type { RepairDevices, RepairDeviceView } from '../../src/shard/repair-ports.js';

type View = { -readonly [K in keyof RepairDeviceView]: RepairDeviceView[K] };

interface Plan {
  readonly own?: boolean;
  readonly refuses?: boolean;
  readonly spares?: number;
}

function played({ own = false, refuses = false, spares: count = 1 }: Plan = {}) {
  const heard: string[] = [];
  const view = (number: number, role: View['role']): View => {
    const base = { path: `/${number}`, state: 'healthy', why: '' } as const;
    return { number, role, ...base, isWritable: true, liveBytes: role === 'active' ? 1_000 : 0 };
  };
  const all: View[] = [view(0, 'active'), view(1, 'active')];
  for (let i = 0; i < count; i++) all.push(view(2 + i, 'spare'));
  const viewOf = (number: number): View => {
    const found = all.find((one) => one.number === number);
    assert.ok(found !== undefined);
    return found as View;
  };
  const devices: Partial<RepairDevices> = {
    devices: all,
    removeDevice: async (number) => {
      heard.push(`remove ${number}`);
    },
    setRole: (number, role) => {
      viewOf(number).role = role;
      heard.push(`${number} ${role}`);
    },
    beginRebuild: (number) => {
      viewOf(number).state = 'rebuilding';
      heard.push(`rebuild ${number}`);
    },
    replaceDevice: async (number, path) => {
      heard.push(`replace ${number} at ${path}`);
      if (refuses) throw new ThemisError('THEMIS_FOLDER_INVALID', 'it is not empty');
      return view(9, 'active');
    },
  };
  const clock = new ManualClock();
  const need = { is: true };
  const spares = new HotSpares({
    devices: devices as RepairDevices,
    clock,
    timers: memoryTimers(clock),
    isOwnFolder: () => own,
    isNeeded: () => need.is,
    replaced: ({ number }) => heard.push(`replaced by ${number}`),
    failed: ({ code }) => heard.push(code),
  });
  const become = (number: number, state: View['state']): void => {
    viewOf(number).state = state;
    spares.deviceChanged(viewOf(number));
  };
  return { viewOf, clock, heard, spares, become, need };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const takenOver = ['2 active', '0 replaced', 'rebuild 2', 'replaced by 2'];

test('a spare takes the place of what stays failed, which goes when all is well', async () => {
  const { clock, heard, spares, become } = played();
  become(0, 'failed');
  become(0, 'failed');
  clock.advance(limits.spareGraceMs - 1);
  await turns();
  assert.equal(heard, [], 'it may come back');
  clock.advance(1);
  await turns();
  assert.equal(heard, takenOver, 'nothing of the failed one is let go yet');
  spares.allIsWhole();
  spares.allIsWhole();
  await turns();
  assert.equal(heard, [...takenOver, 'remove 0']);
});

test('a spare is ACTIVE only when all is there, and tells how far it is', async () => {
  const { viewOf, clock, spares, become } = played();
  const status = () => spares.statuses.find(({ device }) => device === 2);
  assert.is(status()?.state, 'AVAILABLE');
  become(0, 'failed');
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(
    [status()?.state, status()?.replaces, status()?.bytesTotal, status()?.etaSeconds],
    ['REBUILDING', 0, 1_000, null],
  );
  viewOf(2).liveBytes = 250;
  clock.advance(5_000);
  assert.is(status()?.bytes, 250);
  assert.is(status()?.bytesPerSecond, 50);
  assert.is(status()?.etaSeconds, 15);
  viewOf(2).liveBytes = 1_000;
  viewOf(2).state = 'healthy';
  assert.is(status()?.state, 'REBUILDING', 'bytes are no proof');
  spares.allIsWhole();
  assert.is(status()?.state, 'ACTIVE');
  viewOf(2).state = 'failed';
  assert.is(status()?.state, 'OFFLINE');
});

test('spares that cannot be written or failed do not wait', () => {
  const { viewOf, spares } = played({ spares: 3 });
  viewOf(3).isWritable = false;
  viewOf(4).state = 'failed';
  assert.equal(
    spares.statuses.map(({ state }) => state),
    ['AVAILABLE', 'DEGRADED', 'OFFLINE'],
  );
});

test('a device that comes back in time keeps its place', async () => {
  const { clock, heard, become } = played();
  become(1, 'failed');
  clock.advance(limits.spareGraceMs / 2);
  become(1, 'rebuilding');
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard, []);
});

test('a device that comes back after a spare took over stays', async () => {
  const { clock, heard, spares, become } = played();
  become(0, 'failed');
  clock.advance(limits.spareGraceMs);
  await turns();
  become(0, 'rebuilding');
  spares.allIsWhole();
  await turns();
  assert.equal(heard, [...takenOver, '0 active'], 'as an active device');
});

test('no spare is spent while nothing lacks a device, one as soon as something does', async () => {
  const { clock, heard, spares, become, need } = played({ spares: 2 });
  need.is = false;
  become(0, 'failed');
  clock.advance(limits.spareGraceMs);
  spares.review();
  await turns();
  assert.equal(heard, []);
  need.is = true;
  spares.review();
  spares.review();
  await turns();
  assert.equal(heard, takenOver, 'and only one');
});

test('each of several failed devices has a spare of its own, while there are any', async () => {
  const { clock, heard, become } = played();
  become(0, 'failed');
  become(1, 'failed');
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard, takenOver);
});

test('without a spare, an own folder is made again, and a foreign one is left alone', async () => {
  for (const own of [true, false]) {
    const { clock, heard, become } = played({ own, spares: 0 });
    become(0, 'failed');
    clock.advance(limits.spareGraceMs);
    await turns();
    assert.equal(heard, own ? ['replace 0 at /0', 'replaced by 9'] : []);
  }
});

test('what goes wrong is told, and stopping ends the waiting', async () => {
  const { clock, heard, spares, become } = played({ own: true, refuses: true, spares: 0 });
  become(0, 'failed');
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard, ['replace 0 at /0', 'THEMIS_FOLDER_INVALID']);
  become(1, 'failed');
  await spares.stop();
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard.length, 2);
});

test.run();
