/**
 * CRC32C in every tier that runs here, and in other packages, through benchmark.js: small calls,
 * where the price of calling counts, and large ones, where the bytes do. Contestants take turns
 * within each round, so that a slow moment of the machine meets all of them; figures are medians.
 */
import type Benchmark from 'benchmark';
import { KiB, MiB, messageOf, must, ThemisError } from '../../src/base/index.js';
import { loadKernel, naiveKernel } from '../../src/kernel/index.js';

/** Bytes per call. */
export const crc32cSizes: readonly number[] = [16, 128, 1 * KiB, 64 * KiB, 1 * MiB];

export interface Crc32cPeer {
  readonly name: string;
  /** CRC32C of all of `bytes`, continuing from `seed`. */
  crc32c(bytes: Uint8Array, seed: number): number;
}

export interface Crc32cBenchOptions {
  /** Time for the whole run; benchmark.js takes some more to calibrate itself. */
  readonly seconds: number;
  readonly rounds?: number;
  readonly sizes?: readonly number[];
  /** Loads the packages to compare with; one that cannot be loaded is skipped with a line. */
  readonly peers?: readonly (() => Promise<Crc32cPeer>)[];
  readonly report?: (line: string) => void;
  readonly addonPath?: string | undefined;
}

export interface Crc32cRow {
  /** A tier of Themis or the name of a peer. */
  readonly contestant: string;
  readonly bytes: number;
  /** Medians over the rounds. */
  readonly nsPerCall: number;
  readonly gbPerSecond: number;
  /** Slowest and fastest round, in nanoseconds per call. */
  readonly nsSlowest: number;
  readonly nsFastest: number;
  /** Of the input, as computed by this contestant after its last round; equal for all of them. */
  readonly crc: string;
}

interface Contestant {
  readonly name: string;
  readonly call: (bytes: Uint8Array, seed: number) => number;
}

/** What the timed calls returned, kept so that none of them can be optimised away. */
let sink = 0;

function themisContestants(addonPath: string | undefined): Contestant[] {
  const names = loadKernel({ addonPath }).tiers.filter((name) => name !== naiveKernel.name);
  return names.map((name) => {
    const { kernel } = loadKernel({ force: name, addonPath });
    return { name, call: (bytes, seed) => kernel.crc32c(bytes, 0, bytes.length, seed) };
  });
}

async function peerContestants(options: Crc32cBenchOptions): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const load of options.peers ?? []) {
    try {
      const peer = await load();
      contestants.push({ name: peer.name, call: (bytes, seed) => peer.crc32c(bytes, seed) });
    } catch (error) {
      options.report?.(`crc32c: a peer is skipped: ${messageOf(error).split('\n')[0]}`);
    }
  }
  return contestants;
}

/** The same bytes in every run, without a pattern. */
function input(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return must(sorted[sorted.length >> 1], 'a median needs a value');
}

/** Nanoseconds per call in one run of benchmark.js. */
function measure(
  module: typeof Benchmark,
  { name, call }: Contestant,
  bytes: Uint8Array,
  seconds: number,
): number {
  const options = { maxTime: seconds, minTime: seconds / 5, minSamples: 3, initCount: 1 };
  let crc = 0;
  const body = (): void => {
    crc = call(bytes, crc);
  };
  const benchmark = new module(`${name} ${bytes.length}`, body, options);
  benchmark.run({ async: false });
  if (benchmark.error !== undefined) {
    const what = `crc32c of ${bytes.length} bytes in ${name} failed: ${messageOf(benchmark.error)}`;
    throw new ThemisError('THEMIS_ASSERTION', what, benchmark.error);
  }
  sink = (sink ^ crc) >>> 0;
  return median(benchmark.stats.sample) * 1e9;
}

function rowOf(contestant: Contestant, bytes: Uint8Array, times: readonly number[]): Crc32cRow {
  const nsPerCall = median(times);
  return {
    contestant: contestant.name,
    bytes: bytes.length,
    nsPerCall,
    gbPerSecond: bytes.length / nsPerCall,
    nsSlowest: Math.max(...times),
    nsFastest: Math.min(...times),
    crc: contestant.call(bytes, 0).toString(16).padStart(8, '0'),
  };
}

/** Contestants that disagree about the bytes were not doing the same work. */
function checkAgreement(rows: readonly Crc32cRow[]): void {
  for (const row of rows) {
    const first = must(
      rows.find(({ bytes }) => bytes === row.bytes),
      'the row itself at least',
    );
    if (row.crc === first.crc) continue;
    const what = `${row.contestant} computes ${row.crc} of ${row.bytes} bytes`;
    throw new ThemisError(
      'THEMIS_ASSERTION',
      `${what}, ${first.contestant} ${first.crc}. One of them is wrong.`,
    );
  }
}

/** Runs the benchmark; a row for each contestant and size, sizes ascending. */
export async function benchCrc32c(options: Crc32cBenchOptions): Promise<readonly Crc32cRow[]> {
  const module = (await import('benchmark')).default;
  const sizes = options.sizes ?? crc32cSizes;
  const rounds = options.rounds ?? 5;
  const contestants = [
    ...themisContestants(options.addonPath),
    ...(await peerContestants(options)),
  ];
  const seconds = options.seconds / (rounds * sizes.length * contestants.length);
  const rows: Crc32cRow[] = [];
  for (const size of sizes) {
    const bytes = input(size);
    const times = contestants.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, contestant] of contestants.entries()) {
        times[i]?.push(measure(module, contestant, bytes, seconds));
      }
    }
    rows.push(...contestants.map((contestant, i) => rowOf(contestant, bytes, times[i] ?? [])));
  }
  checkAgreement(rows);
  options.report?.(`crc32c: result hash ${sink.toString(16).padStart(8, '0')}`);
  return rows;
}
