/**
 * Options of `themis bench <suite>`: types, defaults and limits in one place. The same names work
 * as command-line flags (`--value-bytes 100,1024`).
 */
import { parseArgs } from 'node:util';
import { messageOf, ThemisError } from '../src/base/index.js';

export const suiteNames = ['wal', 'kv', 'blob', 'erasure', 'micro', 'check'] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface BenchOptions {
  readonly suite: SuiteName;
  /** The folder whose disk is measured; a temporary folder inside it is used and removed. */
  readonly dir?: string | undefined;
  readonly rounds?: number | undefined;
  /** Length of one measurement; its warm-up comes on top. */
  readonly seconds?: number | undefined;
  /** Workloads or groups of `kv`, workloads of `blob` or `erasure`; parts of names in `micro`. */
  readonly workload?: readonly string[] | undefined;
  /** Requests in flight (`kv`), or records in flight (`wal`). */
  readonly writers?: readonly number[] | undefined;
  readonly valueBytes?: readonly number[] | undefined;
  /** Records of datasets and of the workload `fill`. */
  readonly keys?: number | undefined;
  /** Names of peers, or `all`, or `none`. */
  readonly peers?: readonly string[] | undefined;
  /** How `wal` makes a batch durable: `direct` (default), `dsync` or `fdatasync`. */
  readonly sync?: 'direct' | 'dsync' | 'fdatasync' | undefined;
  readonly seed?: number | undefined;
  /** One short round with small data: to see that all works, not to quote. */
  readonly quick?: boolean | undefined;
  /** False runs `kv` in this process; default true, a process for each measurement. */
  readonly isolate?: boolean | undefined;
  /** A report of an earlier `--json` to compare with. */
  readonly compare?: string | undefined;
  /** Receives a line now and then. */
  readonly progress?: ((line: string) => void) | undefined;
}

/** Options with every default filled in. */
export interface BenchPlan {
  readonly suite: SuiteName;
  readonly dir: string | null;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly tailMs: number;
  readonly workloads: readonly string[];
  readonly writers: readonly number[] | null;
  readonly valueBytes: readonly number[] | null;
  readonly keys: number;
  readonly fillKeys: number;
  readonly peers: readonly string[];
  readonly sync: 'direct' | 'dsync' | 'fdatasync';
  readonly seed: number;
  readonly quick: boolean;
  readonly isolate: boolean;
  readonly compare: string | null;
  readonly progress: (line: string) => void;
}

/** Tails of windows below ten seconds leave out most garbage collection. */
const tailSeconds = 20;

export function planOf(options: BenchOptions): BenchPlan {
  const quick = options.quick === true;
  const seconds = positive('seconds', options.seconds ?? (quick ? 0.3 : 3));
  return Object.freeze({
    suite: options.suite,
    dir: options.dir ?? null,
    rounds: whole('rounds', options.rounds ?? (quick ? 1 : 5)),
    warmupMs: Math.min(1000, seconds * 300),
    durationMs: seconds * 1000,
    tailMs: (quick ? seconds : Math.max(seconds, tailSeconds)) * 1000,
    workloads: options.workload ?? [],
    writers: wholes('writers', options.writers),
    valueBytes: wholes('value-bytes', options.valueBytes),
    keys: whole('keys', options.keys ?? (quick ? 5_000 : 100_000)),
    fillKeys: whole('keys', options.keys ?? (quick ? 5_000 : 500_000)),
    peers: options.peers ?? ['all'],
    sync: options.sync ?? 'direct',
    seed: options.seed ?? 1,
    quick,
    isolate: options.isolate ?? true,
    compare: options.compare ?? null,
    progress: options.progress ?? (() => undefined),
  });
}

/** What a command line asks for: options, and how to print. */
export interface BenchCommand {
  readonly options: BenchOptions;
  readonly json: boolean;
}

/** Reads `kv --rounds 5 --json ...`; THEMIS_USAGE when it cannot. */
export function parseBenchArguments(words: readonly string[]): BenchCommand {
  const { values, positionals } = readWords(words);
  const [suite, ...rest] = positionals;
  if (!isSuite(suite) || rest.length > 0) {
    throw usage(`Name one suite: ${suiteNames.join(', ')}`);
  }
  const sync = values.sync;
  if (sync !== undefined && sync !== 'direct' && sync !== 'dsync' && sync !== 'fdatasync') {
    throw usage('--sync takes direct, dsync or fdatasync');
  }
  return {
    json: values.json === true,
    options: {
      suite,
      dir: values.dir,
      rounds: numberOf('rounds', values.rounds),
      seconds: numberOf('seconds', values.seconds),
      workload: listOf(values.workload),
      writers: numbersOf('writers', values.writers),
      valueBytes: numbersOf('value-bytes', values['value-bytes']),
      keys: numberOf('keys', values.keys),
      peers: listOf(values.peers),
      sync,
      seed: numberOf('seed', values.seed),
      quick: values.quick,
      isolate: values['in-process'] === true ? false : undefined,
      compare: values.compare,
    },
  };
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        dir: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        workload: { type: 'string' },
        writers: { type: 'string' },
        'value-bytes': { type: 'string' },
        keys: { type: 'string' },
        peers: { type: 'string' },
        sync: { type: 'string' },
        seed: { type: 'string' },
        quick: { type: 'boolean' },
        'in-process': { type: 'boolean' },
        compare: { type: 'string' },
      },
    });
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function isSuite(word: string | undefined): word is SuiteName {
  return suiteNames.some((name) => name === word);
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').filter((part) => part !== '');
}

function numbersOf(name: string, text: string | undefined): number[] | undefined {
  return listOf(text)?.map((part) => numberOf(name, part) ?? Number.NaN);
}

/** 5000000, 5_000_000, 5e6, 500k and 5m are all numbers. */
function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^([\d_]+(?:\.\d+)?(?:e\d+)?)([km]?)$/i.exec(text);
  const factor = { k: 1e3, m: 1e6 }[(match?.[2] ?? '').toLowerCase()] ?? 1;
  const value = Number((match?.[1] ?? '').replaceAll('_', '')) * factor;
  if (match === null || !Number.isFinite(value)) throw usage(`--${name} takes a number`);
  return value;
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw usage(`--${name} takes a number above 0, not ${value}`);
}

function whole(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw usage(`--${name} takes whole numbers from 1, not ${value}`);
}

function wholes(name: string, values: readonly number[] | undefined): readonly number[] | null {
  if (values === undefined) return null;
  if (values.length === 0) throw usage(`--${name} takes at least one number`);
  return values.map((value) => whole(name, value));
}

function usage(message: string): ThemisError {
  return new ThemisError('THEMIS_USAGE', message);
}
