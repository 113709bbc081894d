/** Damage to a closed store; `npm run sweep` tries every byte and every sector. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  sweepBitFlips,
  sweepDamagedSnapshots,
  sweepLogCuts,
  sweepLostState,
  sweepMissingFiles,
  sweepStateDamage,
} from './damage-sweeps.js';

const size = { seed: 1, operations: 60 };

test('a log that is cut anywhere in its last 64 KiB is refused or whole', async () => {
  const { states } = await sweepLogCuts({ ...size, step: 499 });
  assert.ok(states > 200, `${states} states`);
});

test('a flipped bit in a sector is repaired, refused or in what nobody needs', async () => {
  const { states, outcomes } = await sweepBitFlips({ ...size, step: 11 });
  assert.ok(states > 80, `${states} states`);
  assert.ok(
    Object.keys(outcomes).some((outcome) => outcome.includes('refused')),
    'some damage is refused',
  );
});

test('a file that is missing is made again or refused', async () => {
  const { outcomes } = await sweepMissingFiles(size);
  assert.ok((outcomes['refused THEMIS_LOG_CORRUPT'] ?? 0) > 0);
});

test('a damaged newest snapshot is replaced by the one before and the log behind it', async () => {
  const { states, outcomes } = await sweepDamagedSnapshots({ ...size, step: 3 });
  // Some bits are in nothing but padding.
  const { 'set aside': setAside = 0, rebuilt = 0, ...others } = outcomes;
  assert.equal(others, {});
  assert.ok(setAside > rebuilt && setAside + rebuilt === states, JSON.stringify(outcomes));
});

test('a state that is gone or unreadable is built anew from snapshot and log', async () => {
  const { outcomes } = await sweepStateDamage(size);
  assert.equal(Object.keys(outcomes).length, 2);
});

test('batches that the state had not synced come back from the log', async () => {
  const { states, outcomes } = await sweepLostState(size);
  assert.ok(states > 3, `${states} states`);
  assert.ok((outcomes['applied again'] ?? 0) > 0);
});

test.run();
