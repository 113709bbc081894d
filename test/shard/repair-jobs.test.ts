/** Jobs: what they tell while they run, how they end, and that few are remembered. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock } from '../../src/io/index.js';
import { RepairJobs } from '../../src/shard/repair-jobs.js';

const what = { shardId: '0', documentId: '', isFullScan: true };

test('a job tells its progress and ends once, with success only when nothing is left', async () => {
  const jobs = new RepairJobs(new ManualClock());
  const seen: number[] = [];
  const id = jobs.submit(what, ({ documentsScanned }) => seen.push(documentsScanned));
  assert.match(id, /^repair-\d+-1$/);
  jobs.update(id, { documentsScanned: 3 });
  jobs.update(id, { documentsScanned: 9, documentsRepaired: 1 });
  assert.equal(seen, [3, 9]);
  assert.is(jobs.active().length, 1);
  jobs.end(id, null);
  jobs.end(id, new ThemisError('THEMIS_CLOSED', 'late'));
  jobs.update(id, { documentsScanned: 99 });
  const job = await jobs.whenDone(id);
  assert.equal([job.completed, job.success, job.errorMessage], [true, true, null]);
  assert.is(job.documentsScanned, 9);
  assert.equal(jobs.get(id), job);
  assert.equal(jobs.active(), []);
});

test('a job that was stopped, or after which something is missing, has not succeeded', async () => {
  const jobs = new RepairJobs(new ManualClock());
  const stopped = jobs.submit(what);
  jobs.end(stopped, new ThemisError('THEMIS_CLOSED', 'stopped'));
  const job = await jobs.whenDone(stopped);
  assert.equal([job.completed, job.success, job.errorMessage], [true, false, 'stopped']);
  const failed = jobs.submit(what);
  jobs.update(failed, { documentsFailed: 1 });
  jobs.end(failed, null);
  assert.is((await jobs.whenDone(failed)).success, false);
});

test('a job tells when it will be through, by bytes while it reads, then by documents', () => {
  const clock = new ManualClock();
  const jobs = new RepairJobs(clock);
  const id = jobs.submit(what);
  const eta = () => jobs.get(id)?.etaSeconds;
  assert.is(eta(), null);
  jobs.update(id, { bytesTotal: 1_000 });
  assert.is(eta(), null, 'nothing was read yet');
  clock.advance(10_000);
  jobs.update(id, { bytes: 250 });
  assert.is(eta(), 30);
  clock.advance(30_000);
  jobs.update(id, { bytes: 1_000, documentsLeft: 6 });
  assert.is(eta(), null, 'none was tried yet');
  jobs.update(id, { documentsRepaired: 3, documentsFailed: 1 });
  assert.is(eta(), 60);
  jobs.update(id, { documentsLeft: 0 });
  assert.is(eta(), 0);
});

test('ended jobs are forgotten beyond the limit, running ones never', () => {
  const jobs = new RepairJobs(new ManualClock());
  const running = jobs.submit(what);
  const ended = Array.from({ length: limits.repairJobsKept + 5 }, () => {
    const id = jobs.submit(what);
    jobs.end(id, null);
    return id;
  });
  assert.is(jobs.get(ended[0] ?? ''), null);
  assert.ok(jobs.get(ended.at(-1) ?? '') !== null);
  assert.ok(jobs.get(running) !== null);
});

test.run();
