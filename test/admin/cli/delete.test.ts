/** themis delete, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from './in-process.js';
import { machineWithLarge } from './with-large.js';

test('a key is gone afterwards, and deleting it again succeeds', async () => {
  const machine = new Machine();
  await machine.run(['put', 'k', 'v', '--dir', 'd']);
  const words = ['delete', 'k', '--dir', 'd', '-o', 'json'];
  assert.equal(JSON.parse((await machine.run(words)).out), { key: 'k', deleted: true });
  assert.is((await machine.run(['get', 'k', '--dir', 'd'])).exit, 4);
  const again = await machine.run(words);
  assert.is(again.exit, 0);
  assert.equal(JSON.parse(again.out), { key: 'k', deleted: false });
});

test('silent in a pipe, in words on a terminal', async () => {
  const machine = new Machine();
  await machine.run(['put', 'k', 'v', '--dir', 'd']);
  assert.is((await machine.run(['delete', 'k', '--dir', 'd'])).out, '');
  assert.is(
    (await machine.run(['delete', 'k', '--dir', 'd'], { tty: 80 })).out,
    'was not there: k\n',
  );
  assert.is(machine.stores.byFolder.get('/work/d')?.closes, 3);
});

test('a value is not read to be deleted, however large it is', async () => {
  const { machine, store } = await machineWithLarge();
  assert.is((await machine.run(['delete', 'video', '--dir', 'd'])).exit, 0);
  assert.equal([store.gets, store.values.size], [0, 1]);
});

test.run();
