/** Suite `micro`: runs the registry through benchmark.js. */
import type Benchmark from 'benchmark';
import { codeOf } from '../../src/base/index.js';
import type { Row } from '../harness/index.js';
import { crc32cSizes } from '../kernel/index.js';
import { runChecksums } from './checksums.js';
import type { MicroSuite } from './micro-suite.js';

export interface MicroSuiteOptions {
  readonly suites: readonly MicroSuite[];
  /** Part of a suite's or benchmark's name; empty runs all. */
  readonly filter: readonly string[];
  /** Time that benchmark.js may spend on each benchmark. */
  readonly durationMs: number;
  /** Rounds of contestants in turns, where there are several. */
  readonly rounds: number;
  readonly withPeers: boolean;
  readonly progress: (line: string) => void;
}

export interface MicroResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

export async function runMicroSuite(options: MicroSuiteOptions): Promise<MicroResult> {
  const benchmark = await loadBenchmark();
  if (benchmark === null) {
    const note = 'micro skipped: benchmark.js is not installed; npm install benchmark';
    return { rows: [], notes: [note], versions: {} };
  }
  const rows: Row[] = [];
  for (const micro of options.suites) {
    const suite = new benchmark.Suite(micro.name);
    micro.add(suite);
    // Each benchmark reads its options when it runs; short ones make `--quick` and tests quick.
    const all: Benchmark[] = [];
    suite.forEach((entry: Benchmark) => {
      all.push(entry);
    });
    for (const entry of all) {
      const name = `${micro.name}/${String(Reflect.get(entry, 'name'))}`;
      if (!wanted(name, options.filter)) continue;
      options.progress(`micro: ${name}`);
      rows.push(await run(name, entry, options.durationMs));
    }
  }
  const versions = { 'benchmark.js': benchmark.version };
  if (!wanted('crc32c', options.filter)) return { rows, notes: [], versions };
  options.progress('micro: crc32c');
  const seconds = (options.durationMs / 1000) * crc32cSizes.length;
  const checksums = await runChecksums({ ...options, seconds });
  return { rows: [...rows, ...checksums.rows], notes: checksums.notes, versions };
}

function wanted(name: string, filter: readonly string[]): boolean {
  return filter.length === 0 || filter.some((part) => name.includes(part));
}

function run(name: string, entry: Benchmark, durationMs: number): Promise<Row> {
  // The options of one benchmark are not in benchmark.js's types.
  Object.assign(Reflect.get(entry, 'options') as Benchmark.Options, {
    async: true,
    maxTime: durationMs / 1000,
    minTime: Math.min(0.05, durationMs / 5_000),
    initCount: 1,
    minSamples: 3,
  });
  return new Promise((resolve, reject) => {
    entry.on('error', () => reject(entry.error));
    entry.on('complete', () => {
      if (entry.error === undefined) resolve(rowOf(name, entry));
    });
    entry.run({ async: true });
  });
}

function rowOf(name: string, entry: Benchmark): Row {
  const sample = entry.stats.sample.map((seconds) => seconds * 1e6).sort((a, b) => a - b);
  const at = (share: number): number => {
    const index = Math.min(sample.length - 1, Math.floor(sample.length * share));
    return sample[index] ?? Number.NaN;
  };
  return {
    workload: name,
    contestant: 'themis',
    durability: 'memory',
    parameters: {},
    bytesPerOperation: null,
    result: {
      operations: entry.count,
      elapsedMs: entry.times.elapsed * 1000,
      perSecond: entry.hz,
      p50Us: at(0.5),
      p90Us: at(0.9),
      p99Us: at(0.99),
      p999Us: at(0.999),
      maxUs: at(1),
      cpuUsPerOperation: entry.stats.mean * 1e6,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
      otherCores: null,
      hash: '-',
      eventLoop: null,
      intervals: [],
    },
    perSecond: [entry.hz],
    spread: (2 * entry.stats.rme) / 100,
    subjectRatio: null,
    subjectP50Ratio: null,
  };
}

/** benchmark.js is a tool of this repository, not a dependency of the package. */
async function loadBenchmark(): Promise<typeof Benchmark | null> {
  try {
    const module = await import('benchmark');
    return module.default;
  } catch (error) {
    if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
