/**
 * Runs one test file in a process group of its own and reads what it printed.
 *
 * Output goes to a file, not a pipe: nothing is lost when the process exits or is killed, and a
 * grandchild that keeps the descriptor open cannot hold up the runner.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, readCounts } from './counts.js';
import type { TestFile } from './discover.js';

export interface FileResult {
  readonly file: TestFile;
  readonly counts: Counts;
  readonly durationMs: number;
  readonly output: string;
  /** Why the file failed as a whole, or null. It is counted as one failed test. */
  readonly fault: string | null;
}

/** What a test may see of the environment; everything else would make it depend on the caller. */
const inherited =
  /^(PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LANG|LC_\w+|TZ|CI|(HTTPS?|NO)_PROXY|NODE_EXTRA_CA_CERTS|npm_config_(registry|cache|userconfig|globalconfig))$/i;

const running = new Set<ChildProcess>();

export async function runTestFile(file: TestFile, timeoutMs: number): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'themis-run-'));
  const outputPath = join(folder, 'output');
  const descriptor = openSync(outputPath, 'w');
  const startedAt = process.hrtime.bigint();
  const child = spawn(process.execPath, [file.path], {
    stdio: ['ignore', descriptor, descriptor],
    detached: true,
    env: childEnvironment(process.env),
  });
  closeSync(descriptor);
  running.add(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMs);
  const ending = await ended(child);
  clearTimeout(timer);
  running.delete(child);
  killGroup(child);
  const durationMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  const output = readFileSync(outputPath, 'utf8');
  rmSync(folder, { recursive: true, force: true });
  const counts = readCounts(output);
  const fault = timedOut ? `no end after ${timeoutMs / 1000} s, killed` : faultOf(ending, counts);
  const failed = counts.failed + (fault === null ? 0 : 1);
  return { file, counts: { ...counts, failed }, durationMs, output, fault };
}

/** Kills every test process that is still running; for an interrupted runner. */
export function killRunning(): void {
  for (const child of running) killGroup(child);
}

export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => inherited.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function faultOf(ending: Ending, counts: Counts): string | null {
  if (counts.failed > 0) return null;
  if (ending.signal !== null) return `ended by ${ending.signal}`;
  if (ending.code !== 0) return `exit code ${ending.code}`;
  return counts.defect;
}

/** The child leads a process group, so this reaches what it started and nothing else. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}
