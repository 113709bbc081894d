/** Power cuts at the calls of a workload on the whole store; `npm run sweep` tries every one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepPowerCuts } from './engine-sweeps.js';
import { onDevices } from './memory-machine.js';

test('a power cut at a call loses nothing acknowledged and tears no batch', async () => {
  const size = { seed: 1, operations: 12, randomStates: 1 };
  const { states, outcomes } = await sweepPowerCuts(size);
  assert.ok(states > 250, `${states} states`);
  // All kinds of ends are met, or the sweep proves less than it says.
  const names = Object.keys(outcomes).join('; ');
  for (const part of ['acknowledged', 'some more', 'torn']) assert.match(names, part);
});

test('the same where every batch is written and then synced', async () => {
  const store = { syncMode: 'fdatasync' } as const;
  const { states } = await sweepPowerCuts({
    seed: 2,
    operations: 10,
    randomStates: 1,
    step: 3,
    store,
  });
  assert.ok(states > 50, `${states} states`);
});

test('a batch nearly as long as a segment is there wholly or not at all', async () => {
  const size = { seed: 3, operations: 4, randomStates: 1, step: 5, longPercent: 70 };
  const { states } = await sweepPowerCuts(size);
  assert.ok(states > 50, `${states} states`);
});

test('a power cut while values go to devices loses nothing acknowledged', async () => {
  // One write at a time: a small one may overtake a large one that was called before it.
  const size = { seed: 4, operations: 10, randomStates: 1, step: 3, atOnce: 1, store: onDevices };
  const { states, outcomes } = await sweepPowerCuts(size);
  assert.ok(states > 200, `${states} states`);
  assert.match(Object.keys(outcomes).join('; '), 'acknowledged');
});

test.run();
