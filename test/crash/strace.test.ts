/**
 * Real processes whose system calls on the log are made to fail by strace: after a failed sync
 * nothing is acknowledged, the process says why, and what was acknowledged is there after a
 * restart. strace also is the witness: it sees which batches were synced, so that the number of
 * acknowledgements can be checked from outside the process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ThemisOptions } from '../../src/index.js';
import { FolderModel } from './lane-model.js';
import { type KillPlan, runWriter, type WriterReport } from './writer-process.js';

const MiB = 1024 * 1024;
const hasStrace = spawnSync('strace', ['-V']).error === undefined;
const seed = 20_260_101;
/** A batch with this many bytes holds a mark of the log itself. */
const markBatchBytes = 112;

interface Injection {
  readonly call: 'fdatasync' | 'pwrite64';
  readonly error: 'EIO' | 'ENOSPC';
  /** Which calls fail, in strace's words. */
  readonly when: string;
  readonly files: 'segments' | 'spares';
}

function pathsOf(folder: string, files: Injection['files']): string[] {
  const numbers = Array.from({ length: 60 }, (_, i) => i + 1);
  if (files === 'spares') {
    return numbers.map((n) => join(folder, 'log', `spare-${String(n).padStart(8, '0')}.raw`));
  }
  return numbers.map((n) => join(folder, 'log', `${n.toString(16).padStart(16, '0')}.wal`));
}

function straceOf(folder: string, trace: string, injection: Injection): string[] {
  const { call, error, when, files } = injection;
  const watched = pathsOf(folder, files).flatMap((path) => ['-P', path]);
  const what = [
    '-e',
    'trace=fdatasync,pwrite64',
    '-e',
    `inject=${call}:error=${error}:when=${when}`,
  ];
  return ['strace', '-f', '-xx', '-s', '16', '-o', trace, ...what, ...watched];
}

/** Records of the batches that were written and synced, as strace saw them. */
function syncedRecords(trace: string, syncedBy: Injection['call']): number {
  let synced = 0;
  let written = 0;
  for (const line of wholeLines(trace)) {
    const batch = /pwrite64\(\d+, "((?:\\x[0-9a-f]{2}){16})".* = \d+$/.exec(line);
    if (batch !== null) {
      const bytes = Buffer.from((batch[1] ?? '').replaceAll('\\x', ''), 'hex');
      if (bytes.readUInt32LE(8) !== markBatchBytes) written += bytes.readUInt32LE(12);
    }
    const isSync = syncedBy === 'pwrite64' ? batch !== null : /fdatasync\(\d+\) += 0$/.test(line);
    if (isSync) {
      synced += written;
      written = 0;
    }
  }
  return synced;
}

/** Puts calls together that strace shows in two lines, because a thread did something meanwhile. */
function wholeLines(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap((line) => {
    const [, thread = '', start] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(line) ?? [];
    if (start !== undefined) begun.set(thread, start);
    const [, own = '', rest] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
    if (rest !== undefined) return [`${own} ${begun.get(own) ?? ''}${rest}`];
    return start === undefined ? [line] : [];
  });
}

interface Outcome {
  readonly report: WriterReport;
  readonly total: number;
  readonly trace: string;
}

/** Runs a writer under strace, then checks with a second process that nothing acknowledged is lost. */
async function runInjected(
  options: ThemisOptions,
  injection: Injection,
  plan: KillPlan | null,
): Promise<Outcome> {
  const parent = mkdtempSync(join(tmpdir(), 'themis-strace-'));
  try {
    const folder = join(parent, 'data');
    const tracePath = join(parent, 'trace');
    const job = { folder, seed, round: 1, options, snapshots: false };
    const report = await runWriter(job, plan, straceOf(folder, tracePath, injection));
    assert.ok(report.ready, report.errors);
    const quick = { after: 'ready', nth: 1, delayMs: 0 } as const;
    const reader = await runWriter({ ...job, round: 2 }, quick);
    assert.ok(reader.found !== null, reader.errors);
    assert.equal(reader.recovery?.damages, []);
    new FolderModel(seed).judge(reader.found, 1, report.acknowledged);
    const total = report.acknowledged.reduce((a, b) => a + b, 0);
    return { report, total, trace: readFileSync(tracePath, 'utf8') };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** A test that needs strace. */
function testInjected(name: string, run: () => Promise<void>): void {
  test(name, async () => {
    if (hasStrace) await run();
    else console.log(`skip: ${name}: needs strace`);
  });
}

/** Values on devices are overtaken by later ones in the log: then lanes are no prefixes. */
const inLog = { segmentBytes: MiB, inlineBytesMax: 16 * MiB } as const;

const failures = [
  { syncMode: 'fdatasync', call: 'fdatasync', error: 'EIO' },
  { syncMode: 'direct', call: 'pwrite64', error: 'EIO' },
  { syncMode: 'dsync', call: 'pwrite64', error: 'EIO' },
  { syncMode: 'fdatasync', call: 'pwrite64', error: 'ENOSPC' },
] as const;

for (const { syncMode, call, error } of failures) {
  testInjected(
    `${error} on ${call} with ${syncMode}: nothing is acknowledged after it`,
    async () => {
      const options = { ...inLog, syncMode };
      const injection = { call, error, when: '6+', files: 'segments' } as const;
      const { report, total, trace } = await runInjected(options, injection, null);
      assert.is(report.failed?.code, 'THEMIS_LOG_FAILED', report.errors);
      assert.match(report.failed?.message ?? '', error);
      assert.is(report.refused?.code, 'THEMIS_LOG_FAILED');
      assert.is(report.late, 0);
      assert.ok(report.closed, 'a failed store can be closed');
      assert.is(report.code, 0, 'and its process ends by itself');
      assert.match(trace, 'INJECTED');
      const synced = syncedRecords(trace, syncMode === 'fdatasync' ? 'fdatasync' : 'pwrite64');
      assert.ok(total > 0 && total <= synced, `${total} acknowledged, ${synced} synced`);
    },
  );
}

testInjected(
  'ENOSPC while a segment is made: refused until there is space, then goes on',
  async () => {
    const options = inLog;
    const when = '6..9';
    const injection = { call: 'pwrite64', error: 'ENOSPC', when, files: 'spares' } as const;
    const plan = { after: 'full', nth: 1, delayMs: 2500 } as const;
    const { report, trace } = await runInjected(options, injection, plan);
    assert.match(trace, 'INJECTED');
    assert.ok(report.fulls > 0);
    assert.is(report.failed, null);
    assert.ok(report.late > 0, 'writing went on');
  },
);

test.run();
