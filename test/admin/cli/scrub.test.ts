/** themis scrub, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { repairJob } from './memory-store.js';
import { machineWithLarge } from './with-large.js';

test('it reads everything, draws how far it is, and says how it ended', async () => {
  const { machine, store } = await machineWithLarge();
  store.progress = [repairJob({ bytes: 1, bytesTotal: 2 })];
  store.job = repairJob({ isFullScan: true, bytes: 2 });
  const { exit, out, err } = await machine.run(['scrub', '--dir', 'd'], { tty: 80 });
  assert.is(exit, 0);
  assert.equal(store.calls, ['scrub']);
  assert.match(err, /Verifying {2}█+░+ {2}1 B of 2 B/);
  assert.match(out, /read and verified 2 large values, 2 B/);
  store.job = repairJob({ success: false, errorMessage: 'lost' });
  const failed = await machine.run(['scrub', '--dir', 'd', '-o', 'json']);
  assert.is(failed.exit, 3);
  assert.is(JSON.parse(failed.out).errorMessage, 'lost');
});

test.run();
