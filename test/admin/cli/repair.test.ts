/** themis repair, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { machineWithLarge } from './with-large.js';

test('all values, one value, one that is small, and one that is not there', async () => {
  const { machine, store } = await machineWithLarge();
  const run = (...words: string[]) => machine.run(['repair', ...words, '--dir', 'd']);
  assert.is((await run()).exit, 0);
  assert.is((await run('video')).exit, 0);
  assert.equal(store.calls, ['repair', 'repair video']);
  const small = await run('small');
  assert.is(small.exit, 0);
  assert.match(small.out, /^nothing to repair: this value lies in the log and the state/);
  assert.equal(JSON.parse((await run('small', '-o', 'json')).out), { key: 'small', large: null });
  assert.is((await run('absent')).exit, 4);
  assert.is(store.calls.length, 2);
});

test.run();
