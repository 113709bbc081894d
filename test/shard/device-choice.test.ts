/** Which devices take part: active and not failed; lagging ones only when they are needed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BlobDeviceView } from '../../src/shard/blob-ports.js';
import { DeviceChoice } from '../../src/shard/device-choice.js';

function view(
  number: number,
  state: BlobDeviceView['state'],
  role: BlobDeviceView['role'] = 'active',
): BlobDeviceView {
  return { number, state, role, path: `/d${number}`, isWritable: state !== 'failed' };
}

const devices = {
  devices: [
    view(0, 'healthy'),
    view(1, 'degraded'),
    view(2, 'failed'),
    view(3, 'rebuilding'),
    view(4, 'healthy', 'spare'),
  ],
};

test('active devices that are not failed are usable', () => {
  assert.equal(new DeviceChoice(devices).usable(0), [0, 1, 3]);
});

test('lagging devices are left out while enough others are there', () => {
  const choice = new DeviceChoice(devices);
  choice.lags(1);
  assert.ok(choice.isLagging(1));
  assert.equal(choice.usable(2), [0, 3]);
  assert.equal(choice.usable(3), [0, 1, 3]);
  choice.answered(1);
  assert.equal(choice.usable(2), [0, 1, 3]);
});

test('what is not usable is described', () => {
  assert.is(new DeviceChoice(devices).describe(), 'device 2 (/d2) is failed');
});

test.run();
