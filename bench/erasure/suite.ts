/**
 * Suite `erasure`: Reed-Solomon coding. Kernels in C++ against ISA-L and against what memory gives,
 * in one process; then coding in Node, against other packages and against those kernels. Ratios are
 * to the first contestant of a cell: `subject/it` is how many times faster it is than the
 * contestant of the row.
 */
import { type Row, rowsOf, runIsolated } from '../harness/index.js';
import {
  compileKernels,
  type ErasureOperation,
  erasureOperations,
  type KernelsFigure,
  runKernels,
} from './kernels.js';
import {
  type CellFigures,
  type NodeOperation,
  type NodeResult,
  nodeOperations,
} from './node-run.js';
import { sampleOfRate } from './timing.js';

export interface ErasureSuiteOptions {
  /** An existing folder for the program. */
  readonly folder: string;
  readonly rounds: number;
  readonly sampleMs: number;
  readonly coldMiB: number;
  /** Operations to run; empty: all. */
  readonly workloads: readonly string[];
  /** False leaves out packages. */
  readonly withPeers: boolean;
  readonly progress: (line: string) => void;
}

export interface ErasureSuiteResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

export async function runErasureSuite(options: ErasureSuiteOptions): Promise<ErasureSuiteResult> {
  const chosen = (operation: string): boolean =>
    options.workloads.length === 0 || options.workloads.includes(operation);
  const compiled = compileKernels(options.folder);
  const program = compiled.kind === 'compiled' ? compiled.program : null;
  const results: NodeResult[] = [];
  if (compiled.kind === 'skipped') {
    results.push({ cells: [], notes: [compiled.reason], versions: {} });
  } else {
    const versions = { 'C++': compiled.compiler };
    results.push({ cells: [], notes: [compiled.note], versions });
    for (const operation of erasureOperations.filter(chosen)) {
      options.progress(`erasure: ${operation}`);
      results.push(await measureKernels(operation, compiled.program, options));
    }
  }
  for (const operation of nodeOperations.filter(chosen)) {
    options.progress(`erasure: ${operation}`);
    results.push(await measureNode(operation, program, options));
  }
  const rows = results.flatMap(({ cells }) => cells.flatMap(rowsOfCell));
  return {
    rows,
    notes: [...results.flatMap(({ notes }) => notes), ...summary(rows)],
    versions: Object.assign({}, ...results.map(({ versions }) => versions)),
  };
}

async function measureKernels(
  operation: ErasureOperation,
  program: string,
  options: ErasureSuiteOptions,
): Promise<NodeResult> {
  const figures = await runKernels(program, { ...options, operations: [operation] });
  const cells = new Map<string, KernelsFigure[]>();
  for (const figure of figures) {
    const { data, parity, shardBytes, state } = figure;
    const cell = `${data}+${parity} ${shardBytes} ${state}`;
    cells.set(cell, [...(cells.get(cell) ?? []), figure]);
  }
  return { cells: [...cells.values()].flatMap(cellOf), notes: [], versions: {} };
}

function cellOf(figures: readonly KernelsFigure[]): CellFigures[] {
  const [first] = figures;
  if (first === undefined) return [];
  const { operation, state, data, parity, shardBytes, bytesPerCall } = first;
  const samples = new Map(
    figures.map((figure) => [
      figure.contestant,
      figure.samples.map((gbPerSecond) => sampleOfRate((gbPerSecond * 1e9) / bytesPerCall)),
    ]),
  );
  const workload = `${operation} ${state}`;
  return [{ workload, data, parity, shardBytes, bytesPerCall, samples }];
}

async function measureNode(
  operation: NodeOperation,
  program: string | null,
  { rounds, sampleMs, coldMiB, withPeers }: ErasureSuiteOptions,
): Promise<NodeResult> {
  const result = await runIsolated({
    entry: new URL('./node-child.js', import.meta.url),
    request: { operation, program, rounds, sampleMs, coldMiB, withPeers },
    environment: { UV_THREADPOOL_SIZE: '1' },
    name: `erasure ${operation}`,
  });
  return result as NodeResult;
}

function rowsOfCell(cell: CellFigures): Row[] {
  const { workload, data, parity, shardBytes, samples, bytesPerCall } = cell;
  const [subject = ''] = samples.keys();
  return rowsOf({
    workload,
    parameters: { data, parity, shard: shardBytes },
    samples,
    durability: () => 'memory',
    subject,
    bytesPerOperation: bytesPerCall,
  });
}

/** Geometric mean and lowest of the subject's ratios to each contestant, by workload. */
function summary(rows: readonly Row[]): string[] {
  const ratios = new Map<string, number[]>();
  let subject = '';
  for (const { workload, contestant, subjectRatio } of rows) {
    if (subjectRatio === null) {
      subject = contestant;
      continue;
    }
    const key = `${workload}: ${subject} / ${contestant}`;
    ratios.set(key, [...(ratios.get(key) ?? []), subjectRatio]);
  }
  return [...ratios].map(([key, values]) => {
    const mean = Math.exp(values.reduce((sum, ratio) => sum + Math.log(ratio), 0) / values.length);
    return `${key} = ${mean.toFixed(2)} (geometric mean), ${Math.min(...values).toFixed(2)} (least)`;
  });
}
