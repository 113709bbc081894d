/**
 * Suite `wal`: the log alone, against a C program that does the same group commit on the same
 * disk. Ratios are to the C program with a hand-off between threads, which is what the log has;
 * the one without is reported beside it as the bound that no two threads reach.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Contestant, type Row, rowsOf, runInTurns, type Sample } from '../harness/index.js';
import type { LogContestant, LogSync } from './contestant.js';
import { driveLog } from './drive-log.js';
import { compileGroupCommit, type GroupCommitMode, runGroupCommit } from './group-commit.js';

export interface WalSuiteOptions {
  /** An existing folder for the logs. */
  readonly folder: string;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly inFlight: readonly number[];
  readonly payloadBytes: readonly number[];
  /** How all contestants make a batch durable. */
  readonly sync: LogSync;
  readonly fileMiB: number;
  readonly logs: readonly LogContestant[];
  readonly withC: boolean;
  readonly progress: (line: string) => void;
}

export interface SuiteResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

const syncNames: Readonly<Record<LogSync, string>> = {
  direct: 'O_DIRECT|O_DSYNC',
  dsync: 'O_DSYNC',
  fdatasync: 'fdatasync',
};

export async function runWalSuite(options: WalSuiteOptions): Promise<SuiteResult> {
  const notes: string[] = [];
  const versions: Record<string, string> = {};
  const rows: Row[] = [];
  let program: string | null = null;
  if (options.withC) {
    const compiled = compileGroupCommit(options.folder);
    if (compiled.kind === 'compiled') {
      program = compiled.program;
      versions['C'] = compiled.compiler;
    } else {
      notes.push(compiled.reason);
    }
  }
  if (options.logs.length === 0) notes.push('no log is connected to the suite');
  for (const payloadBytes of options.payloadBytes) {
    for (const inFlight of options.inFlight) {
      options.progress(`wal: ${inFlight} records of ${payloadBytes} bytes in flight`);
      const point = { inFlight, payloadBytes };
      const contestants = [
        ...options.logs.map((log) => logContestant(log, options, point)),
        ...(program === null ? [] : cContestants(program, options, point)),
      ];
      const samples = await runInTurns(contestants, { rounds: options.rounds });
      rows.push(
        ...rowsOf({
          workload: 'append',
          parameters: { inflight: inFlight, bytes: payloadBytes },
          samples,
          durability: () => syncNames[options.sync],
          subject: options.logs[0]?.name ?? '',
          bytesPerOperation: payloadBytes,
        }),
      );
    }
  }
  return { rows, notes, versions };
}

interface Point {
  readonly inFlight: number;
  readonly payloadBytes: number;
}

function logContestant(
  contestant: LogContestant,
  options: WalSuiteOptions,
  point: Point,
): Contestant<Sample> {
  return {
    name: contestant.name,
    run: async (round) => {
      const folder = path.join(options.folder, `log-${round}`);
      fs.mkdirSync(folder);
      try {
        const log = await contestant.open(folder, options.sync);
        try {
          return await driveLog(log, { ...options, ...point });
        } finally {
          await log.close();
        }
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function cContestants(
  program: string,
  options: WalSuiteOptions,
  point: Point,
): Contestant<Sample>[] {
  const modes: readonly GroupCommitMode[] = ['handoff', 'ideal'];
  return modes.map((mode) => ({
    name: `C ${mode}`,
    run: () => runGroupCommit(program, options.folder, { ...options, ...point, mode }),
  }));
}
