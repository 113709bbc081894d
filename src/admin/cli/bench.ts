/**
 * themis bench <suite>: hands over to the benchmarks, which are no part of the engine and know
 * their own flags; what was given here is passed on as words.
 */
import { codeOf, must, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { settingWords } from './settings.js';

/** The part of the benchmarks that is used here. */
interface Benchmarks {
  parseBenchArguments(words: readonly string[]): { readonly options: object };
  runBench(options: object): Promise<BenchReport>;
  renderReport(report: BenchReport): string;
}

interface BenchReport {
  readonly verdicts: readonly { readonly grade: string }[];
}

/** Beside `src` in the compiled tree. */
const entry = new URL('../../../bench/main.js', import.meta.url);

export async function run(context: CommandContext): Promise<ExitCode> {
  const { parseBenchArguments, runBench, renderReport } = await load();
  const { terminal } = context;
  const { options } = parseBenchArguments(benchWords(context));
  const report = await runBench({
    ...options,
    progress: (line: string) => terminal.note(`${line}\n`),
  });
  const text = context.isJson ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report);
  await terminal.write(text);
  const isFailed = report.verdicts.some(({ grade }) => grade === 'FAIL');
  return isFailed ? exitCodes.unhealthy : exitCodes.ok;
}

/** The suite and every flag that was given, as the benchmarks' own command line has them. */
export function benchWords(
  context: Pick<CommandContext, 'command' | 'settings' | 'words'>,
): string[] {
  const { command, settings } = context;
  const words = [must(context.words[0], 'the parser requires <suite>')];
  const dir = settings.text('dir');
  if (dir !== null) words.push('--dir', dir);
  return [...words, ...settingWords(settings, command.flags)];
}

async function load(): Promise<Benchmarks> {
  const loaded = await importEntry();
  const names = ['parseBenchArguments', 'runBench', 'renderReport'];
  if (names.every((name) => typeof Reflect.get(loaded, name) === 'function')) {
    return loaded as Benchmarks;
  }
  throw new ThemisError('THEMIS_ASSERTION', `${entry.pathname} lacks one of ${names.join(', ')}`);
}

async function importEntry(): Promise<object> {
  try {
    return await import(entry.href);
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    const advice = 'clone the repository and run npm ci there';
    throw new ThemisError('THEMIS_USAGE', `the benchmarks are not installed; ${advice}`, error);
  }
}
