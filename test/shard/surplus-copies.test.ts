/** Copies too many: which one stays, and that none goes before the one that stays was read. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, ThemisError } from '../../src/base/index.js';
import type { FragmentName, FragmentPlace } from '../../src/device/index.js';
import { seededRandom } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import type { BlobCompute } from '../../src/shard/blob-tasks.js';
import { DamagedFragments } from '../../src/shard/damaged-fragments.js';
import { encodeManifest, type Manifest } from '../../src/shard/manifest.js';
import type { RepairDevices, RepairDeviceView } from '../../src/shard/repair-ports.js';
import { RepairSlab } from '../../src/shard/repair-slab.js';
import { keptPlaces, SurplusCopies } from '../../src/shard/surplus-copies.js';

const manifest: Manifest = {
  blob: 7,
  nonce: new Uint8Array(8),
  blockBytes: 65_536,
  data: 2,
  parity: 1,
  length: 100,
  stripeBytes: 8192,
  digests: Uint32Array.of(10, 11, 12),
};

const encoded = encodeManifest(kernel, manifest);

interface Plan {
  /** Devices of the copies of fragments 0, 1, 2. */
  readonly copies: readonly (readonly number[])[];
  readonly failed?: readonly number[];
  readonly spares?: readonly number[];
  /** Fragments whose copy that stays does not read. */
  readonly rotten?: readonly number[];
}

function played({ copies, failed = [], spares = [], rotten = [] }: Plan) {
  const heard: string[] = [];
  const stored = copies.map((on) =>
    on.map((device): FragmentPlace => {
      return { device, volume: 1, offset: 4096 * (device + 1), bytes: 8192, digest: 0 };
    }),
  );
  const view = (number: number): RepairDeviceView => {
    const state = failed.includes(number) ? 'failed' : 'healthy';
    const role = spares.includes(number) ? 'spare' : 'active';
    return { number, state, role, isWritable: true, path: `/${number}`, why: '', liveBytes: 0 };
  };
  const devices: Partial<RepairDevices> = {
    devices: [0, 1, 2, 3, 4].map(view),
    locate: (_blob, _stripe, number) => stored[number]?.[0] ?? null,
    places: ({ number }) => [...(stored[number] ?? [])],
    readPlace: ({ device, offset, bytes }) => ({ path: `/${device}`, offset, bytes }),
    visit: (cursor, _entries, visit) => {
      const name: FragmentName = { blob: 7, stripe: 0, number: cursor };
      for (const place of stored[cursor] ?? []) visit(name, place);
      return cursor === 2 ? null : cursor + 1;
    },
    forgetFragment: ({ number }, { device }) => {
      heard.push(`forget ${number} on ${device}`);
      return true;
    },
    reportDamage: (device) => heard.push(`damage on ${device}`),
  };
  const compute = {
    threads: 1,
    run: async (_task: string, { places }: { places: readonly ({ path: string } | null)[] }) => {
      const read = places.flatMap((place, n) => (place === null ? [] : [`${n} at ${place.path}`]));
      heard.push(`read ${read.join(', ')}`);
      const findings = rotten.map((number) => ({ number, kind: 'damaged', why: 'rot' }));
      return { findings, bytes: 1, sound: 1, parityDiffers: false };
    },
  } as BlobCompute;
  const damaged = new DamagedFragments();
  const stop = { isWanted: false };
  const surplus = new SurplusCopies({
    catalog: {
      list: async (after) => {
        if (after >= 7) return [];
        return [{ blob: 7, key: Buffer.from('k'), manifest: Buffer.from(encoded) }];
      },
    },
    blobs: {
      pin: (blob) => heard.push(`pin ${blob}`),
      unpin: (blob) => heard.push(`unpin ${blob}`),
    },
    kernel,
    pace: async () => {
      if (stop.isWanted) throw new ThemisError('THEMIS_CLOSED', 'stopped');
    },
    devices: devices as RepairDevices,
    compute,
    slab: new RepairSlab(seededRandom(1).stream('slab')),
    clusterId: new Uint8Array(16),
    damaged,
  });
  const tidy = () => surplus.tidy(manifest);
  return { surplus, stop, tidy, heard, damaged, devices: devices as RepairDevices };
}

const tables: readonly (readonly [what: string, plan: Plan, stays: readonly number[]])[] = [
  ['one copy each', { copies: [[0], [1], [2]] }, [0, 1, 2]],
  ['the device of its own', { copies: [[1, 3], [1], [2]] }, [3, 1, 2]],
  ['those without a choice come first', { copies: [[0, 1], [0], [1, 2]] }, [1, 0, 2]],
  ['an active one before a spare', { copies: [[4, 0], [1], [2]], spares: [4] }, [0, 1, 2]],
  ['a spare before a shared device', { copies: [[1, 4], [1], [2]], spares: [4] }, [4, 1, 2]],
  ['none that failed', { copies: [[3, 0], [1], [2]], failed: [3] }, [0, 1, 2]],
];

for (const [what, plan, stays] of tables) {
  test(`what stays: ${what}`, () => {
    const kept = keptPlaces(manifest, 0, played(plan).devices);
    const byNumber = [...kept].sort((a, b) => a.number - b.number);
    assert.equal(
      byNumber.map(({ place }) => place.device),
      stays,
    );
  });
}

test('the one that stays is read, then the others go', async () => {
  const { tidy, heard, surplus } = played({ copies: [[0, 3, 4], [1], [2]] });
  assert.equal(await surplus.find(), new Set([7]));
  assert.is(await tidy(), 2);
  assert.equal(heard, ['read 0 at /0', 'forget 0 on 3', 'forget 0 on 4']);
});

test('when the one that stays does not read, nothing goes, and repair hears of it', async () => {
  const { tidy, heard, damaged } = played({ copies: [[0, 3], [1], [2]], rotten: [0] });
  assert.is(await tidy(), 0);
  assert.equal(heard, ['read 0 at /0', 'damage on 0']);
  assert.ok(damaged.has(7, 0, 0));
});

test('a copy on a failed device is none to let go, and nothing is read for it', async () => {
  const { tidy, heard } = played({ copies: [[0, 3], [1], [2]], failed: [3] });
  assert.is(await tidy(), 0);
  assert.equal(heard, []);
});

test('without copies too many nothing is found, and a stop ends the search', async () => {
  const { surplus } = played({ copies: [[0], [1], [2]] });
  assert.equal(await surplus.find(), new Set());
  const doubled = played({ copies: [[0, 3], [1], [2]] });
  doubled.stop.isWanted = true;
  assert.is(await doubled.surplus.find().catch(codeOf), 'THEMIS_CLOSED');
});

test('all blobs are tidied, pinned meanwhile, but for those that are busy', async () => {
  const { surplus, heard } = played({ copies: [[0, 3], [1], [2]] });
  assert.is(await surplus.tidyAll((blob) => blob === 7), 0);
  assert.equal(heard, []);
  assert.is(await surplus.tidyAll(() => false), 1);
  assert.equal(heard, ['pin 7', 'read 0 at /0', 'forget 0 on 3', 'unpin 7']);
});

test.run();
