/** Failed devices and who takes their place: after the grace, a spare, or the own folder again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { HotSpares } from '../../src/shard/hot-spare.js';
import type { RepairDevices, RepairDeviceView } from '../../src/shard/repair-ports.js';

type View = { -readonly [K in keyof RepairDeviceView]: RepairDeviceView[K] };

function played(own = false, refuse = false) {
  const heard: string[] = [];
  const view = (number: number, role: View['role']): View => {
    const base = { path: `/${number}`, state: 'healthy', why: '' } as const;
    return { number, role, ...base, isWritable: true, liveBytes: 0 };
  };
  const all: View[] = [view(0, 'active'), view(1, 'active'), view(2, 'spare')];
  const devices: Partial<RepairDevices> = {
    devices: all,
    removeDevice: async (number) => {
      heard.push(`remove ${number}`);
      if (refuse) throw new ThemisError('THEMIS_DEVICE_FAILED', 'no');
    },
    setRole: (number, role) => heard.push(`${number} ${role}`),
    beginRebuild: (number) => heard.push(`rebuild ${number}`),
    replaceDevice: async (number, path) => {
      heard.push(`replace ${number} at ${path}`);
      return view(9, 'active');
    },
  };
  const clock = new ManualClock();
  const spares = new HotSpares({
    devices: devices as RepairDevices,
    timers: memoryTimers(clock),
    isOwnFolder: () => own,
    replaced: ({ number }) => heard.push(`replaced by ${number}`),
    failed: ({ code }) => heard.push(code),
  });
  const become = (number: number, state: View['state']): void => {
    const device = all[number];
    if (device === undefined) return;
    device.state = state;
    spares.deviceChanged(device);
  };
  return { all, clock, heard, spares, become };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('a spare takes the place of a device that stays failed', async () => {
  const { clock, heard, spares, become } = played();
  assert.is(spares.stateOf(2), 'AVAILABLE');
  become(0, 'failed');
  become(0, 'failed');
  clock.advance(limits.spareGraceMs - 1);
  await turns();
  assert.equal(heard, [], 'it may come back');
  clock.advance(1);
  await turns();
  assert.equal(heard, ['remove 0', '2 active', 'rebuild 2', 'replaced by 2']);
  assert.is(spares.stateOf(2), 'REBUILDING');
  become(2, 'healthy');
  assert.is(spares.stateOf(2), 'ACTIVE');
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

test('without a spare, an own folder is made again, and a foreign one is left alone', async () => {
  for (const own of [true, false]) {
    const { all, clock, heard, become } = played(own);
    all.pop();
    become(0, 'failed');
    clock.advance(limits.spareGraceMs);
    await turns();
    assert.equal(heard, own ? ['replace 0 at /0', 'replaced by 9'] : []);
  }
});

test('what goes wrong is told, and stopping ends the waiting', async () => {
  const { clock, heard, spares, become } = played(false, true);
  become(0, 'failed');
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard, ['remove 0', 'THEMIS_DEVICE_FAILED']);
  become(1, 'failed');
  await spares.stop();
  clock.advance(limits.spareGraceMs);
  await turns();
  assert.equal(heard.length, 2);
});

test.run();
