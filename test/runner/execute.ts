/**
 * Runs one test file in a process group of its own and reads what it printed.
 *
 * Output goes to a file, not a pipe: nothing is lost when the process exits or is killed, and a
 * grandchild that keeps the descriptor open cannot hold up the runner.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
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
  /** All tests passed, and then the process did not end. */
  readonly isStuck: boolean;
}

export interface RunLimits {
  readonly timeoutMs: number;
  /** How long a process may live on after its last test passed. */
  readonly teardownMs: number;
}

/** What a test may see of the environment; everything else would make it depend on the caller. */
const inherited =
  /^(PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LANG|LC_\w+|TZ|CI|(HTTPS?|NO)_PROXY|NODE_EXTRA_CA_CERTS|npm_config_(registry|cache|userconfig|globalconfig))$/i;

const running = new Set<ChildProcess>();

export async function runTestFile(file: TestFile, limits: RunLimits): Promise<FileResult> {
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
  let fault: string | null = null;
  let isStuck = false;
  const kill = (why: string): void => {
    fault ??= `${why}, killed`;
    killGroup(child);
  };
  const { timeoutMs, teardownMs } = limits;
  const timer = setTimeout(() => kill(`no end after ${timeoutMs / 1000} s`), timeoutMs);
  const watch = watchTeardown(outputPath, teardownMs, () => {
    isStuck ||= fault === null;
    kill(`no end ${teardownMs / 1000} s after its last test`);
  });
  const ending = await ended(child);
  clearTimeout(timer);
  clearInterval(watch);
  running.delete(child);
  killGroup(child);
  const durationMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  const output = readFileSync(outputPath, 'utf8');
  rmSync(folder, { recursive: true, force: true });
  const counts = readCounts(output);
  fault ??= faultOf(ending, counts);
  const failed = counts.failed + (fault === null ? 0 : 1);
  return { file, counts: { ...counts, failed }, durationMs, output, fault, isStuck };
}

/** Calls `stuck` when the output says that all passed, and has not changed for so long. */
function watchTeardown(path: string, teardownMs: number, stuck: () => void): NodeJS.Timeout {
  let bytes = 0;
  let since = performance.now();
  return setInterval(() => {
    const now = statSync(path).size;
    if (now !== bytes) [bytes, since] = [now, performance.now()];
    if (performance.now() - since < teardownMs) return;
    const { defect, failed, passed } = readCounts(readFileSync(path, 'utf8'));
    if (defect === null && failed === 0 && passed > 0) stuck();
  }, teardownMs / 10);
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
