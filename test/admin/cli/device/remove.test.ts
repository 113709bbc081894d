/** themis device remove, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceStatus } from '../memory-store.js';
import { machineWithLarge } from '../with-large.js';

test('one of more than the redundancy needs goes, and what it held is made anew', async () => {
  const { machine, store } = await machineWithLarge();
  store.devices_ = [...store.devices_, deviceStatus(6)];
  const { exit, out } = await machine.run(['device', 'remove', '6', '--dir', 'd']);
  assert.is(exit, 0);
  assert.equal(store.calls, ['repair', 'remove 6', 'repair']);
  assert.match(out, /^device 6 is out; \/work\/d\/device-6 stays as it is\n/);
});

test('too few may not be left, unless it is forced', async () => {
  const { machine, store } = await machineWithLarge();
  const refused = await machine.run(['device', 'remove', '0', '--dir', 'd']);
  assert.is(refused.exit, 1);
  assert.match(refused.err, /there are 5 devices that work, and the redundancy \(4\+2\) needs 6/);
  assert.equal(store.calls, []);
  assert.is((await machine.run(['device', 'remove', '0', '--force', '--dir', 'd'])).exit, 0);
  assert.equal(store.calls, ['remove 0', 'repair']);
});

test('a spare is missed by nobody', async () => {
  const { machine, store } = await machineWithLarge();
  store.devices_ = [...store.devices_, deviceStatus(6, { role: 'spare' })];
  assert.is((await machine.run(['device', 'remove', '6', '--dir', 'd'])).exit, 0);
  assert.equal(store.calls, ['remove 6', 'repair']);
});

test.run();
