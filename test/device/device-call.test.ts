/** Calls of one device: in its thread, with its setting, faults instead of errors. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceCall } from '../../src/device/device-call.js';
import { SystemError } from '../../src/io/index.js';
import { clusterId, disk, inlineThreads } from './device-fixture.js';

test('the setting goes along, the result comes back, an error becomes a fault', async () => {
  const threads = inlineThreads(disk(), 3);
  const setting = { path: '/dev/x', clusterId, deviceId: new Uint8Array(16), kernel: undefined };
  const call = new DeviceCall(threads, 2, setting);
  let asked: unknown = null;
  threads.before = ({ argument }) => {
    asked = argument;
  };
  const probed = await call.run('probe', {});
  assert.equal(asked, { setting });
  assert.equal(probed, { kind: 'done', value: { found: { kind: 'missing' }, freeBytes: 0 } });
  threads.before = () => {
    throw new SystemError('ENOSPC', 'write', '/dev/x');
  };
  const failed = await call.run('list-volumes', {});
  assert.is(failed.kind === 'fault' ? failed.fault.kind : failed.kind, 'full');
});

test.run();
