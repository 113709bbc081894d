/**
 * What the suite measures in Node, each operation in a process of its own with one thread of
 * libuv, since a package that codes there is to have one thread as the others have:
 *
 *   packages  the best tier against a package with an addon, encoding and decoding
 *   wasm      the tier in WebAssembly against packages in WebAssembly
 *   coders    every tier, through Coder
 *   addon     the best tier through Coder against the same kernel in C++
 *   calls     what a call costs: shards of no bytes and of one vector
 *   workers   two threads on one slab against one, in cache
 */
import { KiB, MiB } from '../../src/base/index.js';
import { type CodingKernel, loadCodingKernel, Slab } from '../../src/kernel/index.js';
import { createRandomSource, inTurn, runInTurns, type Sample } from '../harness/index.js';
import { encodeInThreads } from './coding-threads.js';
import {
  type Cell,
  type CodingWork,
  coderContestant,
  peerContestant,
  shapes,
} from './contestants.js';
import { runKernels } from './kernels.js';
import { addonPeers, type CodecModule, loadCodec, wasmPeers } from './peer.js';
import { type CodingContestant, sampleOf, sampleOfRate } from './timing.js';

export const nodeOperations = ['packages', 'wasm', 'coders', 'addon', 'calls', 'workers'] as const;
export type NodeOperation = (typeof nodeOperations)[number];

export interface NodeRun {
  readonly operation: NodeOperation;
  /** The program in C++; null where there is none. */
  readonly program: string | null;
  readonly rounds: number;
  readonly sampleMs: number;
  readonly coldMiB: number;
  readonly withPeers: boolean;
}

/** All contestants in one cell; the first one is the subject of ratios. */
export interface CellFigures {
  readonly workload: string;
  readonly data: number;
  readonly parity: number;
  readonly shardBytes: number;
  readonly bytesPerCall: number;
  /** By contestant. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

export interface NodeResult {
  readonly cells: readonly CellFigures[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

type Figures = Omit<NodeResult, 'versions'>;

/** Cells of all shapes that fit: cold ones take turns in coldMiB, as in the program in C++. */
function cellsOf(
  run: NodeRun,
  sizes: readonly (readonly [shardBytes: number, state: Cell['state']])[],
): Cell[] {
  const cells: Cell[] = [];
  for (const [data, parity] of shapes) {
    for (const [shardBytes, state] of sizes) {
      const stripeBytes = (data + parity) * shardBytes;
      if (stripeBytes > (run.coldMiB + 32) * MiB) continue;
      const stripes = state === 'warm' ? 1 : Math.ceil((run.coldMiB * MiB) / stripeBytes);
      cells.push({ data, parity, shardBytes, state, stripes });
    }
  }
  return cells;
}

/** Never zeros: caches and memory are faster on those. */
function randomSlab(bytes: number): Slab {
  const slab = Slab.allocate(bytes);
  const random = createRandomSource(1);
  const words = new Uint32Array(slab.bytes.buffer, 0, Math.floor(bytes / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.u32();
  return slab;
}

function slabFor(cells: readonly Cell[]): Slab {
  const bytes = cells.map((cell) => cell.stripes * (cell.data + cell.parity) * cell.shardBytes);
  return randomSlab(Math.max(...bytes));
}

function figuresOf(
  workload: string,
  { data, parity, shardBytes, state }: Cell,
  samples: ReadonlyMap<string, readonly Sample[]>,
): CellFigures {
  const bytesPerCall = data * shardBytes;
  return { workload: `${workload} ${state}`, data, parity, shardBytes, bytesPerCall, samples };
}

/** Contestants in turns; a first round is thrown away. */
async function compare(
  workload: string,
  cell: Cell,
  contestants: readonly CodingContestant[],
  { rounds, sampleMs }: NodeRun,
): Promise<CellFigures> {
  const samples = await runInTurns(
    contestants.map((contestant) => ({
      name: contestant.name,
      run: () => sampleOf(contestant, sampleMs),
    })),
    { rounds, warmupRounds: 1 },
  );
  return figuresOf(workload, cell, samples);
}

interface Packages {
  readonly modules: readonly CodecModule[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

async function packages(adapters: readonly string[], { withPeers }: NodeRun): Promise<Packages> {
  const modules: CodecModule[] = [];
  const notes: string[] = [];
  for (const adapter of withPeers ? adapters : []) {
    const loaded = await loadCodec(adapter);
    if (loaded.kind === 'loaded') modules.push(loaded.module);
    else notes.push(loaded.reason);
  }
  const versions = Object.fromEntries(modules.map(({ name, version }) => [name, version]));
  return { modules, notes, versions };
}

async function againstPackages(
  run: NodeRun,
  kernel: CodingKernel,
  adapters: readonly string[],
  works: readonly CodingWork[],
  cells: readonly Cell[],
): Promise<NodeResult> {
  const { modules, notes, versions } = await packages(adapters, run);
  const slab = slabFor(cells);
  const figures: CellFigures[] = [];
  for (const work of works) {
    for (const cell of cells) {
      const contestants = [coderContestant(kernel, slab, cell, work)];
      for (const module of modules) {
        contestants.push(await peerContestant(module, slab, cell, work));
      }
      figures.push(await compare(`${run.operation} ${work}`, cell, contestants, run));
    }
  }
  return { cells: figures, notes, versions };
}

/** Stripes of the largest shards leave the caches between two calls: one is always cold. */
function runPackages(run: NodeRun): Promise<NodeResult> {
  const largest = cellsOf(run, [[16 * MiB, 'cold']]).map((cell) => ({ ...cell, stripes: 1 }));
  const cells = [
    ...cellsOf(run, [
      [64 * KiB, 'warm'],
      [1 * MiB, 'warm'],
    ]),
    ...largest,
  ];
  const { kernel } = loadCodingKernel();
  return againstPackages(run, kernel, addonPeers, ['encode', 'decode'], cells);
}

function runWasm(run: NodeRun): Promise<NodeResult> {
  const { kernel } = loadCodingKernel({ force: 'wasm' });
  const cells = cellsOf(run, [
    [64 * KiB, 'warm'],
    [1 * MiB, 'warm'],
  ]);
  return againstPackages(run, kernel, wasmPeers, ['encode'], cells);
}

async function runCoders(run: NodeRun): Promise<Figures> {
  const cells = cellsOf(run, [[64 * KiB, 'warm']]);
  const slab = slabFor(cells);
  const tiers = loadCodingKernel().tiers.filter((name) => name !== 'naive');
  const kernels = tiers.map((force) => loadCodingKernel({ force }).kernel);
  const figures: CellFigures[] = [];
  for (const cell of cells) {
    const contestants = kernels.map((kernel) => coderContestant(kernel, slab, cell));
    figures.push(await compare(run.operation, cell, contestants, run));
  }
  return { cells: figures, notes: [] };
}

/** Rounds of all cells here and rounds of all cells in C++, alternately. */
async function runAddon(run: NodeRun): Promise<Figures> {
  const { program, rounds, sampleMs, coldMiB } = run;
  if (program === null) return { cells: [], notes: ['addon skipped: needs the program in C++'] };
  const cells = cellsOf(run, [
    [64 * KiB, 'warm'],
    [1 * MiB, 'warm'],
    [1 * MiB, 'cold'],
  ]);
  const slab = slabFor(cells);
  const { kernel } = loadCodingKernel({ force: 'addon' });
  const here = cells.map((cell) => ({
    cell,
    contestant: coderContestant(kernel, slab, cell),
    inNode: [] as Sample[],
    inCpp: [] as Sample[],
  }));
  const measureNode = async (): Promise<void> => {
    for (const { contestant, inNode } of here) inNode.push(await sampleOf(contestant, sampleMs));
  };
  const measureCpp = async (): Promise<void> => {
    const options = { rounds: 1, sampleMs, coldMiB, operations: ['kernel'] as const };
    for (const figure of await runKernels(program, options)) {
      const same = here.find(
        ({ cell }) =>
          cell.data === figure.data &&
          cell.shardBytes === figure.shardBytes &&
          cell.state === figure.state,
      );
      const [gbPerSecond = Number.NaN] = figure.samples;
      same?.inCpp.push(sampleOfRate((gbPerSecond * 1e9) / figure.bytesPerCall));
    }
  };
  await measureNode();
  for (const { inNode } of here) inNode.length = 0;
  for (let round = 0; round < rounds; round++) {
    for (const measure of inTurn([measureNode, measureCpp], round)) await measure();
  }
  const figures = here.map(({ cell, contestant, inNode, inCpp }) => {
    const samples = new Map([
      [contestant.name, inNode],
      ['kernel in C++', inCpp],
    ]);
    return figuresOf(run.operation, cell, samples);
  });
  return { cells: figures, notes: [] };
}

async function runCalls(run: NodeRun): Promise<Figures> {
  const slab = randomSlab(64 * KiB);
  const { kernel } = loadCodingKernel();
  const figures: CellFigures[] = [];
  for (const shardBytes of [0, 64]) {
    const cell: Cell = { data: 10, parity: 4, shardBytes, state: 'warm', stripes: 1 };
    const contestants = [coderContestant(kernel, slab, cell)];
    figures.push(await compare(run.operation, cell, contestants, run));
  }
  const notes = figures.flatMap(({ shardBytes, samples }) =>
    [...samples].map(([name, list]) => {
      const ns = Math.min(...list.map(({ p50Us }) => p50Us)) * 1000;
      return `a call of ${name} with shards of ${shardBytes} bytes: ${ns.toFixed(0)} ns at best`;
    }),
  );
  return { cells: figures, notes };
}

async function runWorkers(run: NodeRun): Promise<Figures> {
  const cell: Cell = { data: 10, parity: 4, shardBytes: 16 * KiB, state: 'warm', stripes: 2 };
  const slab = slabFor([cell]);
  // New threads: their code is compiled while they run, on the cores that they run on.
  const sampleMs = run.sampleMs * 10;
  const contestants = [2, 1].map((threads) => ({
    name: `themis, ${threads === 1 ? 'one thread' : 'two threads'}`,
    run: async () => sampleOfRate(await encodeInThreads({ ...cell, slab, threads, sampleMs })),
  }));
  const samples = await runInTurns(contestants, { rounds: run.rounds });
  return { cells: [figuresOf(run.operation, cell, samples)], notes: [] };
}

const operations: Readonly<Record<NodeOperation, (run: NodeRun) => Promise<Figures | NodeResult>>> =
  {
    packages: runPackages,
    wasm: runWasm,
    coders: runCoders,
    addon: runAddon,
    calls: runCalls,
    workers: runWorkers,
  };

export async function runInNode(run: NodeRun): Promise<NodeResult> {
  return { versions: {}, ...(await operations[run.operation](run)) };
}
