/** The sweeps over devices at the size of a test; `npm run sweep` runs them longer. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepDeviceCrashes, sweepDeviceFaults, sweepDeviceFlips } from './device-sweeps.js';

test('a power cut at a call loses no fragment that was acknowledged', async () => {
  const sum = { states: 0, copiedBytes: 0, replaced: 0 };
  for (const seed of [1, 2]) {
    const { states, outcomes } = await sweepDeviceCrashes({ seed, operations: 24, step: 3 });
    sum.states += states;
    sum.copiedBytes += outcomes['copiedBytes'] ?? 0;
    sum.replaced += outcomes['replaced'] ?? 0;
  }
  assert.ok(sum.states > 300, `${sum.states} states`);
  assert.ok(sum.copiedBytes > 0 && sum.replaced > 0, JSON.stringify(sum));
});

for (const [error, step] of [
  ['EIO', 7],
  ['ENOSPC', 11],
  ['ENOENT', 13],
] as const) {
  test(`after a call failed with ${error}, every acknowledged fragment is there`, async () => {
    const { states } = await sweepDeviceFaults({ seed: 3, operations: 24, step, error });
    assert.ok(states > 20, `${states} states`);
  });
}

test('a flipped bit in any file is noticed, and harms nothing else', async () => {
  const { outcomes } = await sweepDeviceFlips({ seed: 4, operations: 30, step: 2 });
  assert.ok((outcomes['damaged'] ?? 0) > 50, JSON.stringify(outcomes));
  assert.ok((outcomes['unharmed'] ?? 0) > 50, JSON.stringify(outcomes));
});

test.run();
