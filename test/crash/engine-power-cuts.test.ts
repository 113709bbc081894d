/** Power cuts at the calls of a workload on the whole store; `npm run sweep` tries every one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepPowerCuts } from './engine-sweeps.js';

test('a power cut at a call loses nothing acknowledged and tears no batch', async () => {
  const { states, outcomes } = await sweepPowerCuts({
    seed: 1,
    operations: 40,
    randomStates: 1,
    step: 1,
  });
  console.log(states, outcomes);
  assert.ok(states > 100);
});

test.run();
