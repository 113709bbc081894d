/**
 * The test runner behind `npm test`.
 *
 *   node dist/test/run.js [--filter text] [--jobs n] [--timeout seconds] [--teardown seconds]
 *                         [--root folder]
 *
 * Every `*.test.js` below the root runs in a process of its own, two at a time, the ones that
 * took longest last time first. The last line of the output is the verdict and nothing else.
 * Node can lock up while a process ends (nodejs/node#54918): a file whose tests all passed and
 * whose process then does not end is run once more, and that is said. A leak of ours shows the
 * second time.
 * Exit code 0: at least one test ran and none failed. 1: otherwise. 2: unknown option.
 */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { codeOf } from '../src/base/index.js';
import { findTestFiles, type TestFile } from './runner/discover.js';
import { type FileResult, killRunning, type RunLimits, runTestFile } from './runner/execute.js';
import { isFailing, outputOf, summaryOf, type Totals, totalLine } from './runner/report.js';
import { loadTimes, longestFirst, saveTimes } from './runner/times.js';

interface Options {
  readonly root: string;
  readonly filter: string;
  readonly jobs: number;
  readonly limits: RunLimits;
}

function readOptions(): Options {
  const here = dirname(fileURLToPath(import.meta.url));
  const { values } = parseArgs({
    options: {
      filter: { type: 'string', default: '' },
      jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      timeout: { type: 'string', default: '600' },
      teardown: { type: 'string', default: '60' },
      root: { type: 'string', default: here },
    },
  });
  const jobs = Number(values.jobs);
  const limits = {
    timeoutMs: Number(values.timeout) * 1000,
    teardownMs: Number(values.teardown) * 1000,
  };
  if (!Number.isInteger(jobs) || jobs < 1) throw new RangeError('--jobs needs a number from 1');
  if (!(limits.timeoutMs > 0 && limits.teardownMs > 0)) {
    throw new RangeError('--timeout and --teardown need a number of seconds');
  }
  return { root: values.root, filter: values.filter, jobs, limits };
}

async function runOnceMoreIfStuck(file: TestFile, limits: RunLimits): Promise<FileResult> {
  const result = await runTestFile(file, limits);
  if (!result.isStuck) return result;
  console.log(`again ${file.name}: ${result.fault}`);
  return runTestFile(file, limits);
}

async function runAll(options: Options): Promise<Totals> {
  const times = loadTimes();
  const files = findTestFiles(options.root).filter((file) => file.name.includes(options.filter));
  const queue = longestFirst(files, times);
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const lane = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runOnceMoreIfStuck(file, options.limits);
      totals.passed += result.counts.passed;
      totals.failed += result.counts.failed;
      totals.skipped += result.counts.skipped;
      times.set(file.name, result.durationMs);
      console.log(summaryOf(result));
      if (isFailing(result)) console.log(outputOf(result));
      for (const reason of result.counts.skips) console.log(reason);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, lane));
  saveTimes(times);
  return totals;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killRunning();
    process.exit(1);
  });
}

try {
  const totals = await runAll(readOptions());
  if (totals.passed + totals.failed === 0) console.log('No test ran.');
  console.log(totalLine(totals));
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof RangeError) && !codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
