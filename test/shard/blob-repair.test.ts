/** One repair, call by call: what is written where, and that nothing is let go before it is proved. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, ThemisError } from '../../src/base/index.js';
import type { FragmentName, FragmentPlace, ReadPlace } from '../../src/device/index.js';
import { seededRandom } from '../../src/io/index.js';
import { BlobRepair, noteFinding } from '../../src/shard/blob-repair.js';
import type { BlobCompute } from '../../src/shard/blob-tasks.js';
import { DamagedFragments } from '../../src/shard/damaged-fragments.js';
import type { Manifest } from '../../src/shard/manifest.js';
import type { RepairDevices, RepairDeviceView } from '../../src/shard/repair-ports.js';
import { RepairSlab } from '../../src/shard/repair-slab.js';
import type { StripeFinding } from '../../src/shard/stripe-tasks.js';

const manifest: Manifest = {
  blob: 7,
  nonce: new Uint8Array(8),
  blockBytes: 65_536,
  data: 2,
  parity: 1,
  length: 100,
  stripeBytes: 4096,
  digests: Uint32Array.of(10, 11, 12),
};

interface Plan {
  /** Devices of fragments 0, 1, 2; -1 for nowhere. */
  readonly places: readonly number[];
  readonly states?: Readonly<Record<number, RepairDeviceView['state']>>;
  readonly devices?: number;
  readonly damaged?: readonly number[];
  readonly lost?: boolean;
  readonly inconsistent?: boolean;
  /** What is read back is not what was written. */
  readonly readsBadly?: boolean;
  readonly refuses?: number;
}

function played(plan: Plan) {
  const heard: string[] = [];
  const stored = new Map<number, FragmentPlace[]>();
  let offset = 0;
  const place = (device: number): FragmentPlace => {
    offset += 4096;
    return { device, volume: 1, offset, bytes: 8192, digest: 0 };
  };
  plan.places.forEach((device, number) => {
    if (device >= 0) stored.set(number, [place(device)]);
  });
  const view = (number: number): RepairDeviceView => {
    const state = plan.states?.[number] ?? 'healthy';
    const isWritable = state !== 'failed';
    const base = { path: `/${number}`, role: 'active', why: '', liveBytes: number } as const;
    return { number, state, isWritable, ...base };
  };
  const devices: Partial<RepairDevices> = {
    devices: Array.from({ length: plan.devices ?? 4 }, (_, number) => view(number)),
    locate: (_blob, _stripe, number) => stored.get(number)?.[0] ?? null,
    places: ({ number }: FragmentName) => [...(stored.get(number) ?? [])],
    readPlace: (one) => ({ path: `/${one.device}`, offset: one.offset, bytes: one.bytes }),
    append: (device, { number }, _memory, _offset, _bytes, done) => {
      heard.push(`append ${number} to ${device}`);
      if (plan.refuses === device) {
        queueMicrotask(() => done(new ThemisError('THEMIS_DEVICE_FULL', 'full')));
        return;
      }
      stored.set(number, [...(stored.get(number) ?? []), place(device)]);
      queueMicrotask(() => done(null));
    },
    forgetFragment: ({ number }, spot) => {
      heard.push(`forget ${number} on ${spot.device}`);
      const left = (stored.get(number) ?? []).filter((one) => one.offset !== spot.offset);
      stored.set(number, left);
      return true;
    },
    reportDamage: (device) => heard.push(`damage on ${device}`),
    reportReadFailure: (device, code) => heard.push(`${code} on ${device}`),
  };
  const compute = {
    threads: 1,
    run: async (task: string, argument: { wanted?: number[]; places: unknown[] }) => {
      if (task === 'rebuild-stripe') {
        heard.push(`rebuild ${argument.wanted?.join()}`);
        if (plan.lost) return { kind: 'lost', findings: [], bytes: 1 };
        if (plan.inconsistent) return { kind: 'inconsistent', number: 2, findings: [], bytes: 1 };
        return { kind: 'rebuilt', findings: [], bytes: 1 };
      }
      const read = argument.places.flatMap((one, number) => (one === null ? [] : [number]));
      heard.push(`read back ${read.join()}`);
      const bad = { number: read[0], kind: 'damaged', why: 'other bytes' };
      return { findings: plan.readsBadly ? [bad] : [], bytes: 1, sound: 1, parityDiffers: false };
    },
  } as BlobCompute;
  const damaged = new DamagedFragments();
  for (const number of plan.damaged ?? []) {
    damaged.add(7, 0, number, stored.get(number)?.[0] ?? place(9));
  }
  const repair = new BlobRepair({
    devices: devices as RepairDevices,
    compute,
    slab: new RepairSlab(seededRandom(1).stream('slab')),
    clusterId: new Uint8Array(16),
    damaged,
    rebuilt: (fragments) => heard.push(`rebuilt ${fragments}`),
    pace: async () => undefined,
  });
  const run = () => repair.run(manifest).then(() => 'ok', codeOf);
  return { run, heard, damaged, stored, devices: devices as RepairDevices };
}

test('a missing fragment is made on a device that has none of the stripe', async () => {
  const { run, heard } = played({ places: [0, 1, -1] });
  assert.is(await run(), 'ok');
  assert.equal(heard, ['rebuild 2', 'append 2 to 2', 'read back 2', 'rebuilt 1']);
});

test('a damaged one is replaced where it was, and let go only after a read', async () => {
  const { run, heard, damaged } = played({ places: [0, 1, 2], damaged: [1] });
  assert.is(await run(), 'ok');
  assert.equal(heard, ['rebuild 1', 'append 1 to 1', 'read back 1', 'forget 1 on 1', 'rebuilt 1']);
  assert.is(damaged.size, 0);
});

test('the old copy stays when the new one does not read back', async () => {
  const { run, heard, damaged, stored } = played({
    places: [0, 1, 2],
    damaged: [1],
    readsBadly: true,
  });
  assert.is(await run(), 'THEMIS_DEVICE_FAILED');
  assert.is(heard.filter((line) => line.startsWith('forget')).length, 1, 'the new one goes');
  assert.is(stored.get(1)?.[0]?.offset, 8192, 'the old one is where it was');
  assert.is(damaged.size, 1);
});

test('a device that is rebuilding comes first, then the emptiest; a failed one never', async () => {
  const rebuilding = played({ places: [0, 1, -1], states: { 3: 'rebuilding' } });
  await rebuilding.run();
  assert.ok(rebuilding.heard.includes('append 2 to 3'));
  const failed = played({ places: [0, 1, 2], states: { 2: 'failed' } });
  assert.is(await failed.run(), 'ok');
  assert.ok(failed.heard.includes('append 2 to 3'));
  assert.ok(failed.heard.includes('forget 2 on 2'), 'what lies on the failed device is let go');
});

test('with no device to write to nothing is read; what can be placed is placed', async () => {
  const none = played({ places: [0, 1, -1], devices: 2 });
  assert.is(await none.run(), 'THEMIS_DEVICES_TOO_FEW');
  assert.equal(none.heard, []);
});

test('a device that refuses is told, and the rest is kept', async () => {
  const { run, heard } = played({ places: [0, 1, -1], devices: 3, refuses: 2 });
  assert.is(await run(), 'THEMIS_DEVICE_FULL');
  assert.not(heard.some((line) => line.startsWith('forget')));
});

test('what is lost, or comes out wrong, is never written', async () => {
  for (const plan of [{ lost: true }, { inconsistent: true }]) {
    const { run, heard } = played({ places: [0, 1, -1], ...plan });
    assert.is(await run(), 'THEMIS_BLOB_LOST');
    assert.equal(heard, ['rebuild 2']);
  }
});

test('what a read met is remembered and told to its device', () => {
  const { devices, damaged, heard } = played({ places: [0, 1, 2] });
  const stripe = { blob: 7, stripe: 0 };
  const at = (device: number, offset: number) => ({ path: `/${device}`, offset, bytes: 8192 });
  const note = (finding: StripeFinding, read: ReadPlace | null): boolean =>
    noteFinding({ devices, damaged }, stripe, finding, read);
  assert.ok(note({ number: 0, kind: 'damaged', why: 'rot' }, at(0, 4096)));
  assert.ok(note({ number: 1, kind: 'failed', code: 'EIO', why: 'x' }, at(1, 8192)));
  assert.ok(note({ number: 2, kind: 'absent', why: 'another lies there' }, at(2, 12_288)));
  assert.equal(heard, ['damage on 0', 'EIO on 1', 'damage on 2']);
  assert.is(damaged.size, 3);
});

test('a fragment that was moved or let go while it was read is no damage', () => {
  const { devices, damaged, heard } = played({ places: [0, -1, 2] });
  const stripe = { blob: 7, stripe: 0 };
  const moved = { path: '/0', offset: 99 * 4096, bytes: 8192 };
  const absent = { kind: 'absent', why: 'another lies there' } as const;
  for (const number of [0, 1]) {
    assert.not(noteFinding({ devices, damaged }, stripe, { number, ...absent }, moved));
  }
  assert.equal(heard, []);
  assert.is(damaged.size, 0);
});

test.run();
