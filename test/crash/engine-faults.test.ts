/** Failing calls and full disks under the whole store; `npm run sweep` fails every call. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepFaults } from './engine-sweeps.js';
import { sweepFullDisks } from './full-disk.js';
import { onDevices } from './memory-machine.js';

const size = { seed: 1, operations: 25 };

test('after a call failed with EIO everything acknowledged is there', async () => {
  const { states, outcomes } = await sweepFaults({ ...size, error: 'EIO', step: 5 });
  assert.ok(states > 30, `${states} states`);
  assert.ok((outcomes['THEMIS_LOG_FAILED'] ?? 0) > 0, 'the log was hit');
});

test('after a call failed with ENOSPC everything acknowledged is there', async () => {
  const { states, outcomes } = await sweepFaults({ ...size, error: 'ENOSPC', step: 5 });
  assert.ok(states > 30, `${states} states`);
  assert.ok((outcomes['THEMIS_DISK_FULL'] ?? 0) > 0, 'a full disk is named');
});

test('the same while values go to devices, whichever call fails', async () => {
  const devices = { ...size, operations: 12, atOnce: 1, store: onDevices };
  for (const error of ['EIO', 'ENOSPC'] as const) {
    const { states } = await sweepFaults({ ...devices, error, step: 11 });
    assert.ok(states > 20, `${states} states`);
  }
});

test('after a short write everything acknowledged is there', async () => {
  const store = { syncMode: 'fdatasync' } as const;
  const { outcomes } = await sweepFaults({ ...size, error: 'short-write', step: 4, store });
  assert.equal(Object.keys(outcomes), ['unharmed'], 'short writes are completed');
});

test('a full disk refuses writes, serves reads, and goes on when there is space', async () => {
  const { states, outcomes } = await sweepFullDisks({ seed: 1, operations: 16, step: 5 });
  assert.ok(states >= 20, `${states} states`);
  assert.match(Object.keys(outcomes).join(), 'writers waited');
});

test.run();
