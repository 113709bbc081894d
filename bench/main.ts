/**
 * The benchmarks' only entry: `runBench` runs a suite and returns its report. The command line
 * loads this file when asked for `bench`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MiB } from '../src/base/index.js';
import { nodeFileSystem } from '../src/io/index.js';
import { type LoadedKernel, loadKernel } from '../src/kernel/index.js';
import { blobContestantNames, runBlobSuite } from './blob/index.js';
import { runCheckSuite } from './check/index.js';
import { runErasureSuite } from './erasure/index.js';
import {
  type BenchReport,
  compareReports,
  describeEnvironment,
  type Environment,
  type Row,
  readReport,
  type Verdict,
} from './harness/index.js';
import { peerNames, runKvSuite, themisName } from './kv/index.js';
import { microSuites, runMicroSuite } from './micro/index.js';
import { type BenchOptions, type BenchPlan, planOf } from './options.js';
import { logContestants, runWalSuite } from './wal/index.js';

export { type BenchReport, renderReport } from './harness/index.js';
export {
  type BenchCommand,
  type BenchOptions,
  parseBenchArguments,
  type SuiteName,
  suiteNames,
} from './options.js';

interface SuiteOutput {
  readonly rows?: readonly Row[];
  readonly verdicts?: readonly Verdict[];
  readonly notes?: readonly string[];
  readonly versions?: Readonly<Record<string, string>>;
}

/** What a suite runs on. */
interface Bench {
  readonly plan: BenchPlan;
  /** A temporary folder, removed afterwards. */
  readonly folder: string;
  readonly environment: Environment;
  readonly kernel: LoadedKernel;
}

/**
 * Runs one suite. Throws THEMIS_USAGE for options that make no sense and THEMIS_TASK_FAILED when a
 * measurement fails; peers that are not installed are notes in the report.
 */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const plan = planOf(options);
  const baseline = plan.compare === null ? null : readReport(plan.compare);
  const parent = path.resolve(plan.dir ?? os.tmpdir());
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.mkdtempSync(path.join(parent, 'themis-bench-'));
  try {
    const kernel = loadKernel();
    const environment = describeEnvironment(folder, kernel.kernel.name);
    const output = await suites[plan.suite]({ plan, folder, environment, kernel });
    const report: BenchReport = {
      format: 1,
      suite: plan.suite,
      environment,
      versions: output.versions ?? {},
      rows: output.rows ?? [],
      verdicts: output.verdicts ?? [],
      notes: [...remarksOn(plan, environment), ...(output.notes ?? [])],
      changes: [],
    };
    if (baseline === null) return report;
    return { ...report, changes: compareReports(baseline, report) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What makes figures unfit to be quoted. */
function remarksOn(plan: BenchPlan, environment: Environment): string[] {
  const remarks: string[] = [];
  if (plan.quick) remarks.push('quick run: shows that everything works, not how fast');
  if (/^(?:tmpfs|ramfs)\b/.test(environment.fileSystem)) {
    remarks.push('the folder is in memory: nothing here is durable; choose a disk with --dir');
  }
  return remarks;
}

const suites: Readonly<Record<BenchPlan['suite'], (bench: Bench) => Promise<SuiteOutput>>> = {
  wal: ({ plan, folder }) =>
    runWalSuite({
      ...plan,
      folder,
      inFlight: plan.writers ?? (plan.quick ? [1, 64] : [1, 16, 64, 256, 1024]),
      payloadBytes: plan.valueBytes ?? (plan.quick ? [128] : [128, 1024]),
      fileMiB: plan.quick ? 16 : 256,
      logs: logContestants,
      withC: !plan.peers.includes('none'),
    }),

  kv: ({ plan, folder }) =>
    runKvSuite({
      ...plan,
      folder,
      contestants: contestantsOf(plan),
      writers: plan.writers,
      valueBytes: plan.valueBytes ?? (plan.quick ? [100] : [100, 1024]),
      operationsMax: Number.POSITIVE_INFINITY,
      intervalMs: plan.quick ? 100 : 1000,
    }),

  blob: ({ plan, folder }) =>
    runBlobSuite({
      ...plan,
      folder,
      contestants: plan.peers.includes('none')
        ? blobContestantNames.slice(0, 1)
        : blobContestantNames,
      datasetBytes: (plan.quick ? 8 : 512) * MiB,
    }),

  erasure: ({ plan, folder }) =>
    runErasureSuite({
      folder,
      rounds: plan.rounds,
      sampleMs: plan.quick ? 1 : 15,
      coldMiB: plan.quick ? 32 : 384,
      workloads: plan.workloads,
      withPeers: !plan.peers.includes('none'),
      progress: plan.progress,
    }),

  micro: ({ plan }) =>
    runMicroSuite({
      suites: microSuites,
      filter: plan.workloads,
      durationMs: plan.durationMs,
      rounds: plan.rounds,
      withPeers: !plan.peers.includes('none'),
      progress: plan.progress,
    }),

  check: async ({ plan, folder, environment, kernel }) => ({
    verdicts: await runCheckSuite({
      folder,
      fileSystem: nodeFileSystem(),
      fileSystemName: environment.fileSystem,
      kernel: kernel.kernel,
      kernelReason: kernel.reason,
      governor: environment.governor,
      threadPoolSize: environment.threadPoolSize,
      durationMs: plan.durationMs / 3,
      copyBytes: (plan.quick ? 8 : 64) * 2 ** 20,
      progress: plan.progress,
    }),
  }),
};

function contestantsOf(plan: BenchPlan): string[] {
  const names = plan.peers.flatMap((name) =>
    name === 'all' ? [...peerNames] : name === 'none' ? [] : [name],
  );
  return [...new Set([themisName, ...names])];
}
