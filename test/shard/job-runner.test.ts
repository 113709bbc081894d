/** Jobs, from the look to the end: what they wait for, what they tell, and how they are stopped. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock } from '../../src/io/index.js';
import { type JobLook, JobRunner } from '../../src/shard/job-runner.js';
import type { RepairJob } from '../../src/shard/repair-jobs.js';

const what = { shardId: '0', documentId: '', isFullScan: false };
const everything = () => true;

function running(inLine: readonly number[] = [1, 2, 3]) {
  let begun = 0;
  const runner = new JobRunner({
    clock: new ManualClock(),
    isInLine: (blob) => inLine.includes(blob),
    begun: () => {
      begun += 1;
    },
    lastError: () => 'no device',
  });
  runner.start();
  const seen: RepairJob[] = [];
  const begin = (look: JobLook, isAbout: (blob: number) => boolean = everything): string =>
    runner.begin(what, (job) => seen.push(job), isAbout, look);
  return { runner, begin, seen, begunOf: () => begun };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('a job ends when all that it found has come out', async () => {
  const { runner, begin, seen, begunOf } = running();
  const id = begin(async (tell) => {
    tell({ documentsScanned: 9 });
    return [1, 2];
  });
  assert.is(begunOf(), 1);
  assert.is(runner.isAsked, true);
  await turns();
  runner.settled(1, 'repaired');
  await turns();
  assert.is(runner.get(id)?.completed, false);
  runner.settled(2, 'gone');
  const job = await runner.whenDone(id);
  assert.equal([job.success, job.documentsScanned, job.documentsRepaired], [true, 9, 1]);
  assert.ok(seen.length >= 2);
  await turns();
  assert.is(runner.isAsked, false);
});

test('what failed, or had no place in line, makes the job fail, with the reason', async () => {
  const { runner, begin } = running([1]);
  const id = begin(async () => [1, 9]);
  await turns();
  runner.settled(1, 'failed');
  const { success, documentsFailed, errorMessage } = await runner.whenDone(id);
  assert.equal([success, documentsFailed, errorMessage], [false, 2, 'no device']);
});

test('a look that throws ends the job, and no other', async () => {
  const { runner, begin } = running();
  const bad = begin(async () => {
    throw new ThemisError('THEMIS_STATE_CORRUPT', 'the state is damaged');
  });
  const good = begin(async () => []);
  assert.is((await runner.whenDone(bad)).errorMessage, 'the state is damaged');
  assert.is((await runner.whenDone(good)).success, true);
});

test('jobs that are stopped have not succeeded, nor have those that come later', async () => {
  const { runner, begin } = running();
  const ids = [begin(async () => [1]), begin(() => Promise.resolve([]))];
  runner.stop();
  ids.push(begin(async () => []));
  await runner.ended();
  for (const id of ids) {
    const job = runner.get(id);
    assert.equal([job?.completed, job?.success], [true, false]);
    assert.match(job?.errorMessage ?? '', 'stopped');
  }
});

test('jobs under way are bounded', () => {
  const { begin } = running();
  for (let i = 0; i < limits.repairJobsMax; i++) begin(async () => [1]);
  try {
    begin(async () => []);
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_OVERLOADED');
  }
});

test.run();
