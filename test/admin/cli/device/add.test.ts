/** themis device add, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { machineWithLarge } from '../with-large.js';

test('a folder becomes a device or a spare, by its whole path', async () => {
  const { machine, store } = await machineWithLarge();
  const plain = await machine.run(['device', 'add', 'new', '--dir', 'd']);
  assert.equal([plain.exit, plain.out], [0, 'added /work/new as a device, number 6\n']);
  const spare = await machine.run(['device', 'add', '/mnt/h', '--spare', '--dir', 'd', '--json']);
  assert.is(JSON.parse(spare.out).role, 'spare');
  assert.equal(store.calls, ['add /work/new', 'add /mnt/h spare']);
});

test.run();
