/** themis doctor: the report, and real folders, sound and damaged. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Finding, fail, good, warn } from '../../../../src/admin/cli/doctor/finding.js';
import { report } from '../../../../src/admin/cli/doctor/run.js';
import { createStyle } from '../../../../src/admin/cli/style.js';
import { runCli, temporaryFolder } from '../spawn-cli.js';

test('one line a finding, advice below it, the totals at the end', () => {
  const findings = [
    good('log', 'fine'),
    warn('free space', 'little', 'free some'),
    fail('state', 'damaged', 'see the disk'),
  ];
  assert.is(
    report(findings, createStyle(false), 80),
    [
      'OK    log         fine',
      'WARN  free space  little',
      '                  -> free some',
      'FAIL  state       damaged',
      '                  -> see the disk',
      '',
      '1 OK, 1 WARN, 1 FAIL',
      '',
    ].join('\n'),
  );
});

test('without a folder it examines the machine', async () => {
  const { exit, out } = await runCli(['doctor'], { cwd: temporaryFolder() });
  assert.is(exit, 0);
  for (const topic of [
    'Node.js',
    'kernel',
    'coder',
    'thread pool',
    'file system',
    'sync by fdatasync',
  ]) {
    assert.match(out, topic);
  }
});

async function examine(cwd: string): Promise<{ exit: number | null; findings: Finding[] }> {
  const { exit, out, err } = await runCli(['doctor', '--dir', 'd', '-o', 'json'], { cwd });
  assert.is(err, '');
  const { findings } = JSON.parse(out);
  return { exit, findings };
}

function verdictOf(findings: readonly Finding[], topic: string): string | undefined {
  return findings.find((finding) => finding.topic === topic)?.verdict;
}

function flip(file: string, position: number): void {
  const bytes = fs.readFileSync(file);
  bytes[position] = (bytes[position] ?? 0) ^ 0x10;
  fs.writeFileSync(file, bytes);
}

/** Everything in a folder but the lock, by name. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const name = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.basename(entry.parentPath) === 'lock') continue;
    found[name] = fs.readFileSync(name).toString('base64');
  }
  return found;
}

test('a sound store passes, a damaged one ends with 3, and neither is changed', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v'.repeat(5000), '--dir', 'd'], { cwd });
  const folder = path.join(cwd, 'd');
  const before = contents(folder);
  const sound = await examine(cwd);
  assert.is(sound.exit, 0, JSON.stringify(sound.findings));
  for (const topic of ['lock', 'identity', 'superblock', 'log', 'snapshots', 'state']) {
    assert.is(verdictOf(sound.findings, topic), 'OK', topic);
  }
  assert.equal(contents(folder), before, 'nothing was written');

  flip(path.join(folder, 'identity'), 20);
  flip(path.join(folder, 'superblock'), 20);
  const copies = await examine(cwd);
  assert.is(copies.exit, 0);
  assert.is(verdictOf(copies.findings, 'identity'), 'WARN');
  assert.is(verdictOf(copies.findings, 'superblock'), 'WARN');

  const state = path.join(folder, 'state');
  const tables = fs.readdirSync(state).filter((name) => /\.(log|ldb)$/.test(name));
  for (const name of tables) {
    const file = path.join(state, name);
    if (fs.statSync(file).size > 3000) flip(file, 2500);
  }
  const damaged = contents(folder);
  const broken = await examine(cwd);
  assert.is(broken.exit, 3);
  assert.is(verdictOf(broken.findings, 'state'), 'FAIL');
  assert.is(verdictOf(broken.findings, 'log'), 'OK');
  assert.equal(contents(folder), damaged, 'damage is evidence: it stays as it is');
});

test('a damaged log is told with its place', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v'.repeat(5000), '--dir', 'd'], { cwd });
  await runCli(['put', 'l', 'v', '--dir', 'd'], { cwd });
  const log = path.join(cwd, 'd', 'log');
  const segment = fs.readdirSync(log).find((name) => name.endsWith('.wal')) ?? '';
  flip(path.join(log, segment), 8192 + 2000);
  const { exit, findings } = await examine(cwd);
  assert.is(exit, 3);
  const finding = findings.find(({ topic }) => topic === 'log');
  assert.is(finding?.verdict, 'FAIL');
  assert.match(finding?.text ?? '', /\.wal at 8192/);
});

test('what is no store is told as that', async () => {
  const cwd = temporaryFolder();
  fs.mkdirSync(path.join(cwd, 'd'));
  const { exit, findings } = await examine(cwd);
  assert.is(exit, 3);
  assert.is(verdictOf(findings, 'identity'), 'FAIL');
  assert.equal(fs.readdirSync(path.join(cwd, 'd')), [], 'and it does not become one');
});

test.run();
