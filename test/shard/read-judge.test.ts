/** Judgement: moved is not damaged, left out is not lost, and lost is said with names. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { must } from '../../src/base/index.js';
import { type FragmentDamage, ReadJudge } from '../../src/shard/read-judge.js';
import type { Finding } from '../../src/shard/read-pieces.js';
import { randomValue, small } from './blob-fixture.js';
import { planRange, storedValue } from './piece-fixture.js';

async function judged(avoid?: (device: number) => boolean) {
  const { devices, manifest } = await storedValue(randomValue(small));
  const plan = must(planRange({ devices, manifest }, 0, small, avoid).plans[0], 'a stripe');
  const damages: FragmentDamage[] = [];
  const judge = new ReadJudge({ devices, damaged: (damage) => damages.push(damage) });
  return { judge, plan, devices, manifest, damages };
}

const finding = (number: number, kind: Finding['kind']): Finding => {
  const why = 'as the test says';
  return kind === 'failed' ? { number, kind, code: 'EIO', why } : { number, kind, why };
};

test('damage is told with its device; a failure is reported to the devices as well', async () => {
  const { judge, plan, devices, manifest, damages } = await judged();
  judge.note(plan, [finding(1, 'damaged'), finding(2, 'failed')]);
  const device = (number: number) => devices.locate(manifest.blob, 0, number)?.device;
  assert.equal(
    damages.map((damage) => [damage.number, damage.device, damage.kind]),
    [
      [1, device(1), 'damaged'],
      [2, device(2), 'failed'],
    ],
  );
  assert.equal(devices.readFailures, [{ device: device(2), code: 'EIO' }]);
  assert.equal(devices.faults, []); // one bad spot is not the end of a device
});

test('what moved or was forgotten since is no damage, and worth another plan', async () => {
  const { judge, plan, devices, manifest, damages } = await judged();
  assert.is(judge.mayChange(plan), false);
  devices.move(manifest.blob, 0, 1);
  devices.lose(manifest.blob, 0, 2);
  judge.note(plan, [finding(1, 'absent'), finding(2, 'absent')]);
  assert.equal(damages, []);
  assert.is(judge.mayChange(plan), true);
});

test('a plan that left a device out is worth another one', async () => {
  const { judge, plan } = await judged((device) => device === 3);
  assert.is(judge.mayChange(plan), true);
});

test('the error names all that is missing', async () => {
  const { judge, plan, devices, manifest } = await judged();
  devices.lose(manifest.blob, 0, 4);
  const findings = [finding(0, 'damaged'), finding(1, 'failed')];
  const error = judge.lost(plan, findings);
  assert.is(error.code, 'THEMIS_BLOB_LOST');
  assert.match(error.message, /more than 2 of the 6 fragments of stripe 0/);
  assert.match(error.message, /fragment 0 on device \d is damaged .as the test says/);
  assert.match(error.message, /fragment 1 on device \d is failed/);
  assert.match(error.message, /fragment 4 is on no usable device/);
});

test.run();
