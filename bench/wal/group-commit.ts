/** The C peer of the log: compiles group-commit.c where a compiler is found, runs it, reads it. */
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, ThemisError } from '../../src/base/index.js';
import { packageRoot, type Sample } from '../harness/index.js';
import type { LogSync } from './contestant.js';

export type GroupCommitMode = 'handoff' | 'ideal';

export interface GroupCommitRun {
  readonly mode: GroupCommitMode;
  readonly sync: LogSync;
  readonly inFlight: number;
  readonly payloadBytes: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly fileMiB: number;
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly program: string; readonly compiler: string }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Compiles the program into `folder` with `cc` (or what the environment's CC names). */
export function compileGroupCommit(folder: string): Compiled {
  const compiler = process.env['CC'] ?? 'cc';
  const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (version.error !== undefined || version.status !== 0) {
    const reason = `C peer skipped: no C compiler (${compiler}); install gcc or clang`;
    return { kind: 'skipped', reason };
  }
  const source = path.join(packageRoot(), 'bench', 'wal', 'group-commit.c');
  const program = path.join(folder, 'group-commit');
  const words = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-pthread', source, '-o', program];
  const built = spawnSync(compiler, words, { encoding: 'utf8' });
  if (built.status !== 0) {
    const reason = `C peer skipped: ${compiler} could not compile ${source}: ${built.stderr}`;
    return { kind: 'skipped', reason };
  }
  return { kind: 'compiled', program, compiler: version.stdout.split('\n', 1)[0] ?? compiler };
}

/** One run on a file of its own in `folder`, which is removed afterwards. */
export async function runGroupCommit(
  program: string,
  folder: string,
  run: GroupCommitRun,
): Promise<Sample> {
  const file = path.join(folder, 'group-commit.log');
  const words = [
    ...[file, run.mode, run.sync, run.inFlight, run.payloadBytes],
    ...[run.warmupMs, run.durationMs, run.fileMiB],
  ];
  try {
    const { stdout } = await promisify(execFile)(program, words.map(String));
    return parseGroupCommit(stdout);
  } catch (error) {
    const hint = run.sync === 'direct' ? '; where O_DIRECT is unknown, use --sync fdatasync' : '';
    const what = `The C peer of the log failed: ${messageOf(error).trim()}${hint}`;
    throw new ThemisError('THEMIS_TASK_FAILED', what, error);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** The program's line of JSON as a sample. */
export function parseGroupCommit(line: string): Sample {
  const parsed: unknown = JSON.parse(line);
  const number = (name: string): number => {
    const value =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const what = `The C peer of the log printed no number ${name}: ${line.trim()}`;
    throw new ThemisError('THEMIS_TASK_FAILED', what);
  };
  const operations = number('records');
  const elapsedMs = number('elapsedMs');
  return {
    operations,
    elapsedMs,
    perSecond: (operations / elapsedMs) * 1000,
    p50Us: number('p50Us'),
    p90Us: number('p90Us'),
    p99Us: number('p99Us'),
    p999Us: number('p999Us'),
    maxUs: number('maxUs'),
    cpuUsPerOperation: (number('cpuMs') * 1000) / operations,
    rssMiB: number('rssKiB') / 1024,
    otherCores: null,
    hash: '-',
    eventLoop: null,
    intervals: [],
  };
}
