/**
 * Runs the benchmarks from a checkout without the command line:
 * `node dist/bench/run.js kv --quick`, with the options of `themis bench`.
 */
import { isThemisError, messageOf } from '../src/base/index.js';
import { parseBenchArguments, renderReport, runBench } from './main.js';

try {
  const { options, json } = parseBenchArguments(process.argv.slice(2));
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = await runBench({ ...options, progress });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  if (report.verdicts.some((verdict) => verdict.grade === 'FAIL')) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = isThemisError(error, 'THEMIS_USAGE') ? 2 : 1;
}
