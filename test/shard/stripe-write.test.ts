/** One stripe: devices that refuse, others that step in, and when it is not enough. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { DeviceChoice } from '../../src/shard/device-choice.js';
import { durableCode } from '../../src/shard/redundancy.js';
import { StripeWrite } from '../../src/shard/stripe-write.js';
import {
  fixture,
  key,
  randomValue,
  rejection,
  settled,
  small,
  twoStripes,
} from './blob-fixture.js';
import { TwinDevices } from './twin-devices.js';

test('a device that fails in mid-write: enough are left, the rest goes to repair', async () => {
  const { store, devices, missing } = fixture();
  devices.refuse(3);
  const value = randomValue(twoStripes);
  const draft = await store.write(key, value);
  store.settle(draft, 'committed');
  assert.is(missing.length, 2, 'one of each stripe');
  assert.ok((await store.read(draft.manifest)).equals(value));
});

test('another device takes the fragment when there is one', async () => {
  const { store, devices, missing } = fixture({ devices: 7 });
  devices.refuse(2);
  for (let i = 0; i < 7; i++) {
    const draft = await store.write(key, randomValue(small));
    store.settle(draft, 'committed');
    const places = [0, 1, 2, 3, 4, 5].map((n) => devices.locate(draft.blob, 0, n)?.device);
    assert.is(new Set(places).size, 6);
    assert.not(places.includes(2));
  }
  assert.equal(missing, []);
});

test('too few in mid-write: a typed error, and all fragments are forgotten', async () => {
  const { store, devices } = fixture();
  devices.refuse(1);
  devices.refuse(4);
  assert.is(await rejection(store.write(key, randomValue(twoStripes))), 'THEMIS_DEVICES_TOO_FEW');
  await settled();
  assert.equal(devices.blobs, []);
  const full = fixture();
  for (let device = 0; device < 6; device++) full.devices.refuse(device, 'THEMIS_DEVICE_FULL');
  assert.is(await rejection(full.store.write(key, randomValue(small))), 'THEMIS_DEVICE_FULL');
});

test('as many as there are data fragments are not enough', () => {
  const events: string[] = [];
  const answers: (() => void)[] = [];
  const append: TwinDevices['append'] = (...call) => answers.push(() => call[5](null));
  const stripe = new StripeWrite(
    { code: durableCode({ data: 4, parity: 2 }), blob: 7, stripe: 0, length: 100, offset: 0 },
    {
      devices: { append },
      choice: new DeviceChoice(new TwinDevices(6)),
      slab: { bytes: new Uint8Array(0) },
    },
    {
      sufficient: () => events.push('sufficient'),
      insufficient: () => events.push('insufficient'),
      answered: () => events.push('answered'),
    },
  );
  stripe.place();
  const seen = answers.map((answer) => {
    answer();
    return events.join(' ');
  });
  assert.equal(seen, ['', '', '', '', 'sufficient', 'sufficient answered']);
});

test('refusals that come at once, while the others are being asked, are no defect', () => {
  const devices = new TwinDevices(7);
  devices.refuse(1);
  const asked: number[] = [];
  const append: TwinDevices['append'] = (device, ...rest) => {
    asked.push(device);
    if (device === 1) rest[4](new ThemisError('THEMIS_DEVICE_FAILED', 'at once'));
    else rest[4](null);
  };
  const events: string[] = [];
  const code = durableCode({ data: 4, parity: 2 });
  const stripe = new StripeWrite(
    { code, blob: 7, stripe: 0, length: 100, offset: 0 },
    { devices: { append }, choice: new DeviceChoice(devices), slab: { bytes: new Uint8Array(0) } },
    {
      sufficient: () => events.push('sufficient'),
      insufficient: () => events.push('insufficient'),
      answered: () => events.push('answered'),
    },
  );
  stripe.place();
  assert.equal(events, ['sufficient', 'answered']);
  assert.equal(asked.sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal([...stripe.missing()], []);
  assert.equal([...stripe.pendingDevices()], []);
});

test('too few devices to place it on: insufficient, with why, and answered', () => {
  const devices = new TwinDevices(6);
  devices.fail(0, 1);
  const events: string[] = [];
  const stripe = new StripeWrite(
    { code: durableCode({ data: 4, parity: 2 }), blob: 7, stripe: 0, length: 100, offset: 0 },
    { devices, choice: new DeviceChoice(devices), slab: { bytes: new Uint8Array(0) } },
    {
      sufficient: () => events.push('sufficient'),
      insufficient: (_, error) => events.push(error.code),
      answered: () => events.push('answered'),
    },
  );
  stripe.place();
  assert.equal(events, ['THEMIS_DEVICES_TOO_FEW', 'answered']);
  assert.is(devices.appends, 0);
});

test.run();
