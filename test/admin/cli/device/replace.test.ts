/** themis device replace, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceStatus, repairJob } from '../memory-store.js';
import { machineWithLarge } from '../with-large.js';

const words = ['device', 'replace', '2', 'new', '--dir', 'd'];

test('one that works is replaced when all is whole, and the end is waited for', async () => {
  const { machine, store } = await machineWithLarge();
  store.job = repairJob({ documentsRepaired: 2 });
  const { exit, out } = await machine.run(words);
  assert.is(exit, 0);
  assert.equal(store.calls, ['repair', 'replace 2 /work/new', 'repair']);
  assert.match(out, /^device 9 \(\/work\/new\) replaces device 2\n.+: 2 values made whole\n$/);
});

test('one that works stays while something is not whole, unless it is forced out', async () => {
  const { machine, store } = await machineWithLarge();
  store.job = repairJob({ success: false, documentsFailed: 1, errorMessage: 'too few devices' });
  const refused = await machine.run(words);
  assert.is(refused.exit, 1);
  assert.match(refused.err, /THEMIS_DEVICES_TOO_FEW: .+too few devices.+--force/);
  assert.equal(store.calls, ['repair']);
  const forced = await machine.run([...words, '--force']);
  assert.is(forced.exit, 3, 'it was replaced, and not all is whole');
  assert.equal(store.calls.slice(1), ['replace 2 /work/new', 'repair']);
});

test('one that failed is replaced at once', async () => {
  const { machine, store } = await machineWithLarge();
  store.devices_ = [deviceStatus(2, { state: 'failed', why: 'gone' })];
  assert.is((await machine.run(words)).exit, 0);
  assert.equal(store.calls, ['replace 2 /work/new', 'repair']);
});

test.run();
