/** What a figure was measured on. Printed above every table and kept in every JSON report. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot, versionOf } from './package-root.js';

export interface Environment {
  readonly themis: string;
  /** Null outside a git checkout. `+` marks uncommitted changes. */
  readonly gitSha: string | null;
  readonly cpu: string;
  readonly cores: number;
  readonly governor: string | null;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  readonly nodeFlags: readonly string[];
  readonly threadPoolSize: number;
  readonly folder: string;
  readonly fileSystem: string;
  /** Themis's checksum kernel, such as `addon/vpclmulqdq`. */
  readonly checksumKernel: string;
  /** Load average over one minute before the run. */
  readonly loadBefore: number;
  readonly startedAt: string;
}

export function describeEnvironment(folder: string, checksumKernel: string): Environment {
  const cpus = os.cpus();
  return {
    themis: versionOf(packageRoot()),
    gitSha: gitSha(packageRoot()),
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    governor: readLine('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    memoryGiB: Math.round((os.totalmem() / 2 ** 30) * 10) / 10,
    kernel: os.release(),
    platform: `${os.platform()}/${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    nodeFlags: [...process.execArgv, ...flagsOf(process.env['NODE_OPTIONS'])],
    threadPoolSize: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4),
    folder: path.resolve(folder),
    fileSystem: fileSystemOf(folder),
    checksumKernel,
    loadBefore: os.loadavg()[0] ?? 0,
    startedAt: new Date().toISOString(),
  };
}

/** Lines for people. */
export function renderEnvironment(environment: Environment): string[] {
  const e = environment;
  const governor = e.governor === null ? '' : `, governor ${e.governor}`;
  const flags = e.nodeFlags.length === 0 ? '' : `, flags ${e.nodeFlags.join(' ')}`;
  return [
    `themis ${e.themis}${e.gitSha === null ? '' : ` (${e.gitSha})`}, kernel ${e.checksumKernel}`,
    `${e.cpu}, ${e.cores} cores${governor}, ${e.memoryGiB} GiB, load ${e.loadBefore.toFixed(2)}`,
    `${e.platform} ${e.kernel}, node ${e.node}, V8 ${e.v8}, ${e.threadPoolSize} libuv threads${flags}`,
    `${e.folder} on ${e.fileSystem}`,
  ];
}

/** Type, device and options of the file system that holds a folder, from the mount table. */
export function fileSystemOf(folder: string): string {
  if (!fs.existsSync('/proc/self/mounts')) return 'unknown';
  const real = fs.realpathSync(folder);
  let best = { point: '', text: 'unknown' };
  for (const line of fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [device, escaped, type, options] = line.split(' ');
    if (escaped === undefined) continue;
    const point = escaped.replaceAll('\\040', ' ');
    const inside = point === '/' || real === point || real.startsWith(`${point}/`);
    // A later mount on the same point hides the earlier one.
    if (inside && point.length >= best.point.length) {
      best = { point, text: `${type} (${device}, ${options})` };
    }
  }
  return best.text;
}

function gitSha(folder: string): string | null {
  if (!fs.existsSync(path.join(folder, '.git'))) return null;
  const git = (...words: string[]): string | null => {
    const run = spawnSync('git', words, { cwd: folder, encoding: 'utf8' });
    return run.status === 0 ? run.stdout.trim() : null;
  };
  const sha = git('rev-parse', '--short=12', 'HEAD');
  if (sha === null) return null;
  return git('status', '--porcelain', '--untracked-files=no') === '' ? sha : `${sha}+`;
}

function readLine(file: string): string | null {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : null;
}

function flagsOf(text: string | undefined): string[] {
  return text === undefined || text.trim() === '' ? [] : text.trim().split(/\s+/);
}
