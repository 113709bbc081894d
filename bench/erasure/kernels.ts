/**
 * The C++ program of the suite: compiled on the spot from kernels.cc and the addon's own kernels,
 * with ISA-L where it is installed; run; and read.
 */
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, ThemisError } from '../../src/base/index.js';
import { packageRoot } from '../harness/index.js';

export const erasureOperations = [
  'encode',
  'decode',
  'verify',
  'checksums',
  'tiers',
  'threads',
] as const;
export type ErasureOperation = (typeof erasureOperations)[number];

/** Our kernel alone, for whoever measures in turns with the program. */
export type KernelOperation = ErasureOperation | 'kernel';

export type CompiledKernels =
  | {
      readonly kind: 'compiled';
      readonly program: string;
      readonly compiler: string;
      /** What is missing, or worth knowing about the peer. */
      readonly note: string;
    }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface KernelsRun {
  readonly rounds: number;
  readonly sampleMs: number;
  /** Memory that the stripes of cold measurements take turns in; 32 MiB come on top. */
  readonly coldMiB: number;
  readonly operations: readonly KernelOperation[];
}

/** One contestant in one cell. */
export interface KernelsFigure {
  readonly operation: string;
  readonly data: number;
  readonly parity: number;
  readonly shardBytes: number;
  readonly state: string;
  readonly contestant: string;
  readonly bytesPerCall: number;
  /** GB/s of each round: of data; for `verify` of all bytes read. */
  readonly samples: readonly number[];
}

/** Compiles the program into `folder` with `c++` (or what the environment's CXX names). */
export function compileKernels(folder: string): CompiledKernels {
  const compiler = process.env['CXX'] ?? 'c++';
  const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (version.error !== undefined || version.status !== 0) {
    const reason = `erasure skipped: no C++ compiler (${compiler}); install g++ or clang++`;
    return { kind: 'skipped', reason };
  }
  if (process.arch !== 'x64') {
    return { kind: 'skipped', reason: 'erasure skipped: its bounds are written for x86-64' };
  }
  const kernels = path.join(packageRoot(), 'native', 'kernel');
  const sources = fs.readdirSync(kernels).filter((name) => name.endsWith('.cc'));
  const program = path.join(folder, 'erasure-kernels');
  const words = [
    ...['-O2', '-std=c++17', '-Wall', '-Wextra', '-pthread'],
    path.join(packageRoot(), 'bench', 'erasure', 'kernels.cc'),
    ...sources.map((name) => path.join(kernels, name)),
    ...['-o', program],
  ];
  const compile = (more: readonly string[]): string | null => {
    const built = spawnSync(compiler, [...words, ...more], { encoding: 'utf8' });
    return built.status === 0 ? null : built.stderr;
  };
  const compiled = (note: string): CompiledKernels => ({
    kind: 'compiled',
    program,
    compiler: version.stdout.split('\n', 1)[0] ?? compiler,
    note,
  });
  if (compile(['-lisal']) === null) {
    return compiled('ISA-L as installed; before 2.31 it has no kernels with GFNI');
  }
  const failure = compile(['-DTHEMIS_WITHOUT_ISAL']);
  if (failure === null) return compiled('ISA-L skipped: not installed (Debian: libisal-dev)');
  return { kind: 'skipped', reason: `erasure skipped: ${compiler} failed: ${failure}` };
}

/** Runs the program; THEMIS_TASK_FAILED when it fails. */
export async function runKernels(program: string, run: KernelsRun): Promise<KernelsFigure[]> {
  const words = [run.rounds, run.sampleMs, run.coldMiB, ...run.operations].map(String);
  try {
    const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 16 * 2 ** 20 });
    return stdout.trim().split('\n').map(parseFigure);
  } catch (error) {
    const what = `The erasure kernels failed: ${messageOf(error).trim()}`;
    throw new ThemisError('THEMIS_TASK_FAILED', what, error);
  }
}

/** A line of JSON as a figure. */
export function parseFigure(line: string): KernelsFigure {
  const parsed: unknown = JSON.parse(line);
  if (isFigure(parsed)) return parsed;
  const what = `The erasure kernels printed something that is no figure: ${line}`;
  throw new ThemisError('THEMIS_TASK_FAILED', what);
}

function isFigure(value: unknown): value is KernelsFigure {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['operation', 'state', 'contestant'];
  const numbers = ['data', 'parity', 'shardBytes', 'bytesPerCall'];
  const samples: unknown = Reflect.get(value, 'samples');
  return (
    texts.every((name) => typeof Reflect.get(value, name) === 'string') &&
    numbers.every((name) => Number.isFinite(Reflect.get(value, name))) &&
    Array.isArray(samples) &&
    samples.length > 0 &&
    samples.every((sample) => Number.isFinite(sample))
  );
}
