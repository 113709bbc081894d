/** Jobs of repair, as commands wait for them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  outcomeText,
  progressText,
  runRepair,
  tellRepair,
} from '../../../src/admin/cli/repair-run.js';
import { codeOf } from '../../../src/base/index.js';
import { sceneFixture } from './demo/scene-fixture.js';
import { MemoryStore, repairJob } from './memory-store.js';

const MiB = 2 ** 20;

test('every kind of work asks the store for its own', async () => {
  const { context } = sceneFixture().scene;
  const store = new MemoryStore();
  await runRepair(context, store, { kind: 'scrub' });
  await runRepair(context, store, { kind: 'survey' });
  await runRepair(context, store, { kind: 'key', key: Buffer.from('k') });
  assert.equal(store.calls, ['scrub', 'repair', 'repair k']);
});

test('Ctrl-C ends the waiting, whatever the job does', async () => {
  const { context } = sceneFixture().scene;
  const store = new MemoryStore();
  const controller = new AbortController();
  store.scrub = () => {
    controller.abort();
    return new Promise(() => undefined);
  };
  const waiting = runRepair({ ...context, signal: controller.signal }, store, { kind: 'scrub' });
  assert.is(codeOf(await waiting.catch((error: unknown) => error)), 'THEMIS_ABORTED');
});

test('the end in a sentence', () => {
  const job = { documentsScanned: 3, bytes: 2 * MiB, isFullScan: true };
  const read = 'read and verified 3 large values, 2 MiB, in 500 ms (4 MiB/s)';
  assert.is(outcomeText(repairJob(job), 500), `${read}: all are whole`);
  assert.is(
    outcomeText(repairJob({ ...job, documentsRepaired: 1 }), 500),
    `${read}: 1 value made whole`,
  );
  const failed = { ...job, success: false, documentsFailed: 2, errorMessage: 'no device' };
  assert.is(
    outcomeText(repairJob(failed), 500),
    `${read}; 0 values made whole, 2 values not: no device`,
  );
  assert.is(outcomeText(repairJob({ documentsScanned: 0 }), 1), 'there are no large values');
  assert.is(outcomeText(repairJob(), 20), 'looked at 2 large values in 20 ms: all are whole');
});

test('the way there in a line', () => {
  assert.is(progressText(repairJob(), 10), 'looking');
  const reading = { bytes: MiB, bytesTotal: 4 * MiB, etaSeconds: 1.5 };
  assert.is(progressText(repairJob(reading), 500), '1 MiB of 4 MiB  2 MiB/s  1.5 s left');
  const repairing = { documentsRepaired: 34, documentsLeft: 86, etaSeconds: 2 };
  assert.is(progressText(repairJob(repairing), 500), '34 values made whole, 86 left  2 s left');
});

test('what could not be repaired ends with 3', async () => {
  const { scene, out } = sceneFixture();
  const told = async (success: boolean, isJson: boolean) =>
    tellRepair({ ...scene.context, isJson }, { job: repairJob({ success }), durationMs: 5 });
  assert.is(await told(true, false), 0);
  assert.is(await told(false, false), 3);
  assert.is(await told(false, true), 3);
  assert.match(out.text, /looked at 2 large values.+\nlooked at .+\n\{\n {2}"jobId"/);
});

test.run();
