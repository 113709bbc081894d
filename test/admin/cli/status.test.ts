/** themis status, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recoveryPairs } from '../../../src/admin/cli/status.js';
import { Machine } from './in-process.js';
import { machineWithLarge } from './with-large.js';

test('the headline comes first, then the sections, then the last open', async () => {
  const machine = new Machine();
  await machine.run(['put', 'k', 'v', '--dir', 'd']);
  const { exit, out } = await machine.run(['status', '--dir', 'd']);
  assert.is(exit, 0);
  const lines = out.split('\n');
  assert.is(lines[0], 'Healthy.');
  assert.match(out, /\nLog\n {2}committed {2}record 3\n/);
  assert.match(out, /\nLast open\n {2}duration {3}12 ms\n {2}log read {3}3 records, 4 KiB\n/);
  assert.match(out, /torn tail {2}512 B cut and kept aside\n {2}repairs {4}a repair\n$/);
});

test('a store that is not well ends with 3', async () => {
  const machine = new Machine();
  await machine.run(['put', 'k', 'v', '--dir', 'd']);
  const store = machine.stores.byFolder.get('/work/d');
  if (store !== undefined) {
    const health = { isHealthy: false, headline: 'Failed: the disk.', devices: [], shards: [] };
    store.health_ = health;
  }
  const { exit, out } = await machine.run(['status', '--dir', 'd']);
  assert.is(exit, 3);
  assert.match(out, /^Failed: the disk\.\n/);
});

test('devices and values on them are shown, and what shared drives mean', async () => {
  const { machine, store } = await machineWithLarge();
  store.health_ = { ...store.health_, devices: store.devices_ };
  const { out } = await machine.run(['status', '--dir', 'd']);
  assert.match(out, /\nLarge values\n {2}redundancy {2}4\+2\n {2}coder {7}.+\n/);
  assert.match(out, /\n {2}devices {5}6 healthy\n {2}note {8}all 6 devices .+ lost drive\n/);
  assert.match(out, /\nDevice {2}State .+\n.+\n +0 {2}healthy /);
  assert.equal(store.calls, ['repair'], 'what is there was compared with what must be there');
});

test('programs get everything', async () => {
  const machine = new Machine();
  await machine.run(['put', 'k', 'v', '--dir', 'd']);
  const { out } = await machine.run(['status', '--dir', 'd', '-o', 'json']);
  assert.equal(JSON.parse(out), {
    health: { isHealthy: true, headline: 'Healthy.', devices: [], shards: [] },
    status: { committedIndex: 3 },
  });
});

test('a clean open says so', () => {
  const report = {
    durationMs: 1,
    records: 0,
    bytes: 0,
    tornBytes: 0,
    repairs: [],
    isStateRebuilt: false,
    filesSetAside: 0,
  };
  assert.equal(recoveryPairs(report).slice(2), [
    ['torn tail', 'none'],
    ['repairs', 'none'],
  ]);
});

test.run();
