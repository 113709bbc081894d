/** themis device list, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceStatus } from '../memory-store.js';
import { machineWithLarge } from '../with-large.js';

test('a table, why a device is not well, and what shared drives mean', async () => {
  const { machine, store } = await machineWithLarge();
  const failed = deviceStatus(5, { state: 'failed', why: 'its folder is missing' });
  store.devices_ = [...store.devices_.slice(0, 5), failed];
  const { exit, out } = await machine.run(['device', 'list', '--dir', 'd']);
  assert.is(exit, 0);
  assert.match(out, /^Device {2}State +Fragments +Holds +To free +Free {2}Folder\n/);
  assert.match(out, /\n +0 {2}healthy +3 {2}3 MiB .+ 1 GiB {2}\/work\/d\/device-0\n/);
  assert.match(out, /\ndevice 5 is failed: its folder is missing\n/);
  const words = out.replaceAll('\n', ' ');
  assert.match(words, /Note: all 5 devices .+ not from a lost drive\./);
  const json = JSON.parse((await machine.run(['device', 'list', '--dir', 'd', '-o', 'json'])).out);
  assert.is(json.devices.length, 6);
  assert.match(json.note, /not from a lost drive/);
});

test('before the first large value there are none, and it says when there will be', async () => {
  const { machine, store } = await machineWithLarge();
  store.devices_ = [];
  const { exit, out } = await machine.run(['device', 'list', '--dir', 'd']);
  assert.is(exit, 0);
  assert.match(out, /^No devices yet\. They are made with the first large value/);
});

test.run();
