/** Runs a writing child process and kills it with SIGKILL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { must, ThemisError } from '../../../base/index.js';
import { demoEngineFlags } from '../engine-flags.js';
import { settingWords } from '../settings.js';
import { crashLanes } from './crash-writes.js';
import { now, type Scene } from './scene.js';

/** When to kill: some time after the child has begun to open, or after it has opened. */
export interface KillPlan {
  readonly round: number;
  readonly after: 'opening' | 'open';
  readonly delayMs: number;
}

export interface KillResult {
  readonly pid: number;
  /** Acknowledged writes by lane. */
  readonly acknowledged: readonly number[];
  readonly aliveMs: number;
  readonly hadOpened: boolean;
}

/** A child that opens no store for this long is a fault of the demo, not a patient one. */
const openMsMax = 120_000;

/** Lets the child write until its time has come. Throws when it ended by itself. */
export async function writeUntilKilled(scene: Scene, plan: KillPlan): Promise<KillResult> {
  const { environment, signal } = scene.context;
  const [program, ...words] = environment.self;
  const flags = ['--dir', scene.folder, '--seed', String(scene.seed), '--round', `${plan.round}`];
  const options = settingWords(scene.context.settings, demoEngineFlags);
  const startedAt = now(scene);
  const child = spawn(program, [...words, 'demo-writer', ...flags, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const acknowledged = new Array<number>(crashLanes).fill(0);
  let hadOpened = false;
  let isKilled = false;
  let errors = '';
  const kill = (): void => {
    isKilled = true;
    child.kill('SIGKILL');
  };
  const patience = environment.timers.after(openMsMax, kill);
  const moment = (name: 'opening' | 'open'): void => {
    if (name === 'open') hadOpened = true;
    if (name === plan.after) environment.timers.after(plan.delayMs, kill);
  };
  signal.addEventListener('abort', kill, { once: true });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-2000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'opening' || line === 'open') moment(line);
    else count(acknowledged, line);
  });
  await closed;
  patience.cancel();
  signal.removeEventListener('abort', kill);
  if (!isKilled || child.signalCode !== 'SIGKILL') {
    const why = errors.trim() === '' ? `exit code ${child.exitCode}` : errors.trim();
    throw new ThemisError('THEMIS_TASK_FAILED', `the writing process ended by itself: ${why}`);
  }
  const pid = must(child.pid, 'a process that was started has a pid');
  return { pid, acknowledged, aliveMs: now(scene) - startedAt, hadOpened };
}

/** The full stop tells a whole line from one that the kill cut short: `1` of `12.`. */
function count(acknowledged: number[], line: string): void {
  const lane = Number(/^(\d+)\.$/.exec(line)?.[1] ?? Number.POSITIVE_INFINITY);
  if (lane >= acknowledged.length) return;
  acknowledged[lane] = (acknowledged[lane] as number) + 1;
}
