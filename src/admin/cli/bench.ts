/** themis bench <suite>: hands over to the benchmarks, which are no part of the engine. */
import { codeOf, must, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

/** What the benchmarks are told. */
export interface BenchOptions {
  readonly suite: string;
  readonly json: boolean;
  readonly dir: string | null;
  readonly seconds: number | null;
  readonly rounds: number | null;
  readonly write: (text: string) => void;
}

type RunBench = (options: BenchOptions) => Promise<number>;

/** Beside `src` in the compiled tree; the checkout and the package both have it. */
const entry = new URL('../../../bench/main.js', import.meta.url);

export async function run(context: CommandContext): Promise<ExitCode> {
  const runBench = await load();
  const { settings } = context;
  const code = await runBench({
    suite: must(context.words[0], 'the parser requires <suite>'),
    json: context.isJson,
    dir: settings.text('dir'),
    seconds: settings.number('seconds'),
    rounds: settings.number('rounds'),
    write: (text) => void context.terminal.write(text),
  });
  return code === 0 ? exitCodes.ok : exitCodes.failure;
}

async function load(): Promise<RunBench> {
  const loaded = await importEntry();
  const runBench = 'runBench' in loaded ? loaded.runBench : undefined;
  if (typeof runBench === 'function') return runBench as RunBench;
  throw new ThemisError('THEMIS_ASSERTION', `${entry.pathname} has no runBench`);
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
