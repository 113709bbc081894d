/** Errors of device tasks, as faults and as what a caller is told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { faultError, faultOf } from '../../src/device/device-fault.js';
import { outcomeOf, outcomeValue } from '../../src/pool/index.js';

const table: readonly (readonly [string, string, string])[] = [
  ['ENOSPC', 'full', 'THEMIS_DEVICE_FULL'],
  ['EDQUOT', 'full', 'THEMIS_DEVICE_FULL'],
  ['EROFS', 'read-only', 'THEMIS_DEVICE_FAILED'],
  ['EACCES', 'read-only', 'THEMIS_DEVICE_FAILED'],
  ['ENOENT', 'vanished', 'THEMIS_DEVICE_FAILED'],
  ['ENODEV', 'vanished', 'THEMIS_DEVICE_FAILED'],
  ['EIO', 'broken', 'THEMIS_DEVICE_FAILED'],
  ['EWHATEVER', 'broken', 'THEMIS_DEVICE_FAILED'],
  ['EMFILE', 'transient', 'THEMIS_TASK_FAILED'],
  ['THEMIS_CLOSED', 'transient', 'THEMIS_TASK_FAILED'],
  ['THEMIS_FORMAT_NEWER', 'broken', 'THEMIS_DEVICE_FAILED'],
  ['THEMIS_IO', 'broken', 'THEMIS_DEVICE_FAILED'],
];

test('a code means the same thrown here and across a thread border', async () => {
  for (const [code, kind, told] of table) {
    const thrown = Object.assign(new Error('it failed'), { code });
    let crossed: unknown = null;
    try {
      outcomeValue(await outcomeOf(() => Promise.reject(thrown)), 'append');
    } catch (error) {
      crossed = error;
    }
    for (const error of [thrown, crossed]) {
      const fault = faultOf(error);
      assert.is(fault.kind, kind, code);
      const translated = faultError('/dev/a', fault);
      assert.is(translated.code, told, code);
      assert.match(translated.message, '/dev/a');
    }
  }
});

test('the death of a thread is not the fault of the device', () => {
  const death = new ThemisError('THEMIS_TASK_FAILED', 'The thread died', new Error('exit code 1'));
  assert.is(faultOf(death).kind, 'transient');
});

test('a task that threw what has no code is a fault of the device', () => {
  assert.is(faultOf(new TypeError('x')).kind, 'broken');
});

test.run();
