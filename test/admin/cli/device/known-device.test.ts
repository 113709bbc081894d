/** Which device a word names. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { knownDevice } from '../../../../src/admin/cli/device/known-device.js';
import { MemoryStore } from '../memory-store.js';
import { machineWithLarge } from '../with-large.js';

test('a number is one of the devices, written as they are shown', async () => {
  const { store } = await machineWithLarge();
  assert.is((await knownDevice(store, '3')).number, 3);
  for (const word of ['6', '-1', '03', '3.0', 'x', '', ' 3']) {
    const error = await knownDevice(store, word).catch((thrown: Error) => thrown);
    assert.match(String(error), / is no device; there are 0 \(\/work\/d\/device-0\), 1 /, word);
  }
  const error = await knownDevice(new MemoryStore(), '0').catch((thrown: Error) => thrown);
  assert.match(String(error), /this store has none yet/);
});

test.run();
