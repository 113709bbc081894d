/** What counts as redundancy: on a device that works, sound, and not beside another fragment. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FragmentPlace } from '../../src/device/index.js';
import type { Manifest } from '../../src/shard/manifest.js';
import { spareOf, surveyBlob } from '../../src/shard/redundancy-survey.js';
import type { RepairDevices, RepairDeviceView } from '../../src/shard/repair-ports.js';

const manifest: Manifest = {
  blob: 7,
  nonce: new Uint8Array(8),
  blockBytes: 65_536,
  data: 2,
  parity: 2,
  length: 300,
  stripeBytes: 200,
  digests: new Uint32Array(8),
};

type State = RepairDeviceView['state'];

/** Fragment i of stripe s is on the device that the table says; -1 for nowhere. */
function devicesWith(
  table: readonly (readonly number[])[],
  states: Readonly<Record<number, State>> = {},
): Pick<RepairDevices, 'devices' | 'locate'> {
  const view = (number: number): RepairDeviceView => {
    const state = states[number] ?? 'healthy';
    const isWritable = state !== 'failed';
    return { number, path: `/${number}`, role: 'active', state, why: '', isWritable, liveBytes: 0 };
  };
  return {
    devices: [0, 1, 2, 3].map(view),
    locate: (blob, stripe, number): FragmentPlace | null => {
      const device = blob === 7 ? (table[stripe]?.[number] ?? -1) : -1;
      return device < 0 ? null : { device, volume: 1, offset: 0, bytes: 8192, digest: 0 };
    },
  };
}

const sound = () => false;
const whole = [0, 1, 2, 3];

test('a whole blob has nothing to tell, and all of its parity to spare', () => {
  const surveys = surveyBlob(manifest, devicesWith([whole, whole]), sound);
  assert.equal(surveys, []);
  assert.is(spareOf(manifest, surveys), 2);
});

test('what is nowhere, on a failed device, damaged, or beside another does not count', () => {
  const cases: readonly [string, ReturnType<typeof devicesWith>, typeof sound, number[], number][] =
    [
      ['nowhere', devicesWith([whole, [0, -1, 2, 3]]), sound, [1], 1],
      ['failed', devicesWith([whole, whole], { 3: 'failed' }), sound, [3], 1],
      ['together', devicesWith([whole, [0, 1, 1, 3]]), sound, [2], 1],
      ['lost', devicesWith([whole, [-1, -1, -1, 3]]), sound, [0, 1, 2], -1],
    ];
  for (const [name, devices, isDamaged, missing, spare] of cases) {
    const surveys = surveyBlob(manifest, devices, isDamaged);
    assert.equal(surveys.at(-1)?.missing, missing, name);
    assert.is(spareOf(manifest, surveys), spare, name);
  }
  const damaged = (blob: number, stripe: number, number: number) =>
    blob === 7 && stripe === 0 && number >= 2;
  const surveys = surveyBlob(manifest, devicesWith([whole, whole]), damaged);
  assert.equal(surveys, [{ stripe: 0, missing: [2, 3], spare: 0 }]);
});

test('devices that are degraded or rebuilding count: they serve', () => {
  const devices = devicesWith([whole, whole], { 0: 'degraded', 1: 'rebuilding' });
  assert.equal(surveyBlob(manifest, devices, sound), []);
});

test.run();
