/** Starts the writing child of the crash tests, reads what it says, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RecoveryReport } from '../../src/index.js';
import type { WriterJob } from '../fixtures/writer-child.js';
import { type LaneState, lanes } from './lane-model.js';

const program = fileURLToPath(new URL('../fixtures/writer-child.js', import.meta.url));

/** Kill when the child has said `after` for the `nth` time, and `delayMs` later. */
export interface KillPlan {
  readonly after: 'opening' | 'ready' | 'snapshot' | 'taken' | 'full';
  readonly nth: number;
  readonly delayMs: number;
}

export interface Answer {
  readonly code: string;
  readonly message: string;
}

/** What a child said before it ended. */
export interface WriterReport {
  readonly recovery: RecoveryReport | null;
  /** What it found; null when it was killed before it could tell. */
  readonly found: readonly LaneState[] | null;
  /** Whether it went on to write. */
  readonly ready: boolean;
  /** Acknowledged writes by lane. */
  readonly acknowledged: readonly number[];
  readonly snapshots: number;
  /** The first rejected write and the one after, and how many were acknowledged after that. */
  readonly failed: Answer | null;
  readonly refused: Answer | null;
  readonly closed: boolean;
  /** Writes that were refused because the disk was full. */
  readonly fulls: number;
  /** Acknowledgements after the first rejection or refusal. */
  readonly late: number;
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly errors: string;
}

/** A child that says nothing more for this long hangs. */
const patienceMs = 60_000;

/** Runs a writer to its end: the planned kill, or its own. `around` is a program to run it under. */
export async function runWriter(
  job: WriterJob,
  plan: KillPlan | null,
  around: readonly string[] = [],
): Promise<WriterReport> {
  const words = [...around, process.execPath, program, JSON.stringify(job)];
  const child = spawn(words[0] as string, words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const closed = once(child, 'close');
  const patience = setTimeout(() => killGroup(child), patienceMs);
  const said: Said = { ...nothingSaid(), acknowledged: new Array<number>(lanes).fill(0) };
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4000);
  });
  let left = plan?.nth ?? 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.endsWith('.')) return;
    hear(said, line.slice(0, -1));
    if (plan !== null && line === `${plan.after}.` && --left === 0) killLater(child, plan.delayMs);
  });
  await closed;
  clearTimeout(patience);
  return { ...said, errors, signal: child.signalCode, code: child.exitCode };
}

interface Said {
  recovery: RecoveryReport | null;
  found: readonly LaneState[] | null;
  ready: boolean;
  readonly acknowledged: number[];
  snapshots: number;
  failed: Answer | null;
  refused: Answer | null;
  closed: boolean;
  fulls: number;
  late: number;
}

function nothingSaid(): Omit<Said, 'acknowledged'> {
  const answers = { failed: null, refused: null, closed: false, fulls: 0, late: 0 };
  return { recovery: null, found: null, ready: false, snapshots: 0, ...answers };
}

function hear(said: Said, line: string): void {
  const [word = '', ...rest] = line.split(' ');
  switch (word) {
    case 'opening':
    case 'snapshot':
      return;
    case 'recovery':
      said.recovery = JSON.parse(rest.join(' ')) as RecoveryReport;
      return;
    case 'state':
      said.found = JSON.parse(rest.join(' ')) as LaneState[];
      return;
    case 'ready':
      said.ready = true;
      return;
    case 'failed':
      said.failed = JSON.parse(rest.join(' ')) as Answer;
      return;
    case 'refused':
      said.refused = JSON.parse(rest.join(' ')) as Answer;
      return;
    case 'closed':
      said.closed = true;
      return;
    case 'full':
      said.fulls++;
      return;
    case 'taken':
      said.snapshots++;
      return;
    default: {
      const lane = Number(word);
      if (said.failed !== null || said.fulls > 0) said.late++;
      said.acknowledged[lane] = (said.acknowledged[lane] ?? Number.NaN) + 1;
    }
  }
}

function killLater(child: ChildProcess, delayMs: number): void {
  const timer = setTimeout(() => killGroup(child), delayMs);
  child.once('exit', () => clearTimeout(timer));
}

/** The child leads a group, so that this reaches it also where it runs under another program. */
function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}
