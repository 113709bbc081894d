/** Every suite runs from its entry with tiny inputs and no peers. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport, runBench } from '../../bench/main.js';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-bench-suites-'));
const tiny = { dir, quick: true, rounds: 1, seconds: 0.03, peers: ['none'] };

test('wal runs the log of Themis, in each way to sync', async () => {
  for (const sync of ['direct', 'fdatasync'] as const) {
    const report = await runBench({ ...tiny, suite: 'wal', writers: [8], sync });
    assert.equal(
      report.rows.map((row) => row.contestant),
      ['themis log'],
    );
    for (const row of report.rows) assert.ok(row.result.operations > 0);
  }
});

test('kv runs Themis in processes of its own', async () => {
  const lines: string[] = [];
  const report = await runBench({
    ...tiny,
    suite: 'kv',
    workload: ['fillsync', 'getsync'],
    writers: [16],
    keys: 500,
    progress: (line) => lines.push(line),
  });
  assert.equal(
    report.rows.map((row) => [row.workload, row.contestant]),
    [
      ['fillsync', 'themis'],
      ['getsync', 'themis'],
    ],
  );
  for (const row of report.rows) {
    assert.ok(row.result.operations > 0);
    assert.match(row.durability, 'sync');
  }
  assert.ok(lines.length >= 2);
});

test('blob runs values on devices and plain files, in processes of their own', async () => {
  const report = await runBench({
    ...tiny,
    suite: 'blob',
    peers: ['all'],
    workload: ['put-small', 'get-degraded'],
  });
  assert.equal(
    report.rows.map((row) => [row.workload, row.contestant]),
    [
      ['put-small', 'themis blobs'],
      ['put-small', 'plain files'],
      ['get-degraded', 'themis blobs'],
      ['get-degraded', 'plain files'],
    ],
  );
  for (const row of report.rows) assert.ok(row.result.operations > 0, row.workload);
});

test('micro runs every entry of the registry', async () => {
  const report = await runBench({ ...tiny, suite: 'micro', seconds: 0.005 });
  assert.ok(report.rows.some((row) => row.workload.startsWith('harness/')));
  assert.ok(report.rows.some((row) => row.workload === 'crc32c'));
  for (const row of report.rows) assert.ok(row.result.perSecond > 0, row.workload);
});

test('micro runs only what is asked for', async () => {
  const workload = ['histogram'];
  const report = await runBench({ ...tiny, suite: 'micro', seconds: 0.005, workload });
  assert.equal(
    report.rows.map((row) => row.workload),
    ['harness/histogram.record'],
  );
});

test('check gives a verdict on every part of the machine', async () => {
  const report = await runBench({ ...tiny, suite: 'check' });
  const checks = report.verdicts.map((verdict) => verdict.check);
  assert.equal(checks, [
    ...['machine', 'file system', 'checksum kernel', 'memory copy', 'thread wake-up'],
    ...['sync (fdatasync)', 'sync (dsync)', 'sync (direct)', 'libuv pool'],
  ]);
  assert.match(renderReport(report), 'libuv pool');
});

test('a comparison with an earlier report is part of the report', async () => {
  const options = { ...tiny, suite: 'micro', seconds: 0.005, workload: ['random'] } as const;
  const file = path.join(dir, 'before.json');
  fs.writeFileSync(file, JSON.stringify(await runBench(options)));
  const report = await runBench({ ...options, compare: file });
  assert.is(report.changes.length, 1);
  assert.match(renderReport(report), 'verdict');
  fs.rmSync(file);
});

test('nothing is left in the folder', () => {
  assert.equal(fs.readdirSync(dir), []);
});

test.after(() => fs.rmSync(dir, { recursive: true, force: true }));

test.run();
