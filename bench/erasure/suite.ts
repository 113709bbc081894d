/**
 * Suite `erasure`: Reed-Solomon kernels in C++ against ISA-L and against what memory gives, in one
 * process. Ratios are to the best kernel of this machine: `subject/it` is how many times faster it
 * is than the contestant of the row.
 */
import { median, type Row, rowsOf, type Sample } from '../harness/index.js';
import {
  compileKernels,
  type ErasureOperation,
  erasureOperations,
  type KernelsFigure,
  runKernels,
} from './kernels.js';

export interface ErasureSuiteOptions {
  /** An existing folder for the program. */
  readonly folder: string;
  readonly rounds: number;
  readonly sampleMs: number;
  readonly coldMiB: number;
  /** Operations to run; empty: all. */
  readonly workloads: readonly string[];
  readonly progress: (line: string) => void;
}

export interface ErasureSuiteResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

export async function runErasureSuite(options: ErasureSuiteOptions): Promise<ErasureSuiteResult> {
  const compiled = compileKernels(options.folder);
  if (compiled.kind === 'skipped') return { rows: [], notes: [compiled.reason], versions: {} };
  const { workloads } = options;
  const wanted = erasureOperations.filter(
    (operation) => workloads.length === 0 || workloads.includes(operation),
  );
  const notes = [compiled.note];
  const rows: Row[] = [];
  for (const operation of wanted) {
    options.progress(`erasure: ${operation}`);
    const figures = await runKernels(compiled.program, { ...options, operations: [operation] });
    const cells = new Map<string, KernelsFigure[]>();
    for (const figure of figures) {
      const cell = cellOf(figure);
      cells.set(cell, [...(cells.get(cell) ?? []), figure]);
    }
    for (const cell of cells.values()) rows.push(...rowsOfCell(operation, cell));
    notes.push(...summary(operation, [...cells.values()]));
  }
  return { rows, notes, versions: { 'C++': compiled.compiler } };
}

function cellOf({ data, parity, shardBytes, state }: KernelsFigure): string {
  return `${data}+${parity} ${shardBytes} ${state}`;
}

function rowsOfCell(operation: ErasureOperation, cell: readonly KernelsFigure[]): Row[] {
  const [subject] = cell;
  if (subject === undefined) return [];
  const { data, parity, shardBytes, state, bytesPerCall } = subject;
  return rowsOf({
    workload: `${operation} ${state}`,
    parameters: { data, parity, shard: shardBytes },
    samples: new Map(
      cell.map((figure) => [figure.contestant, figure.samples.map(sampleOf(figure))]),
    ),
    durability: () => 'memory',
    subject: subject.contestant,
    bytesPerOperation: bytesPerCall,
  });
}

/** A rate is all that the program knows: every latency is the mean of its round. */
function sampleOf({ bytesPerCall }: KernelsFigure): (gbPerSecond: number) => Sample {
  return (gbPerSecond) => {
    const perSecond = (gbPerSecond * 1e9) / bytesPerCall;
    const us = 1e6 / perSecond;
    return {
      ...{ operations: 1, elapsedMs: us / 1000, perSecond },
      ...{ p50Us: us, p90Us: us, p99Us: us, p999Us: us, maxUs: us },
      ...{ cpuUsPerOperation: us, rssMiB: 0, otherCores: null, hash: '-' },
      ...{ eventLoop: null, intervals: [] },
    };
  };
}

/** Geometric mean and lowest of the subject's ratios to each contestant, by state. */
function summary(
  operation: ErasureOperation,
  cells: readonly (readonly KernelsFigure[])[],
): string[] {
  const ratios = new Map<string, number[]>();
  for (const [subject, ...others] of cells) {
    if (subject === undefined) continue;
    for (const other of others) {
      const key = `${operation} ${subject.state}: ${subject.contestant} / ${other.contestant}`;
      const ratio = median(subject.samples) / median(other.samples);
      ratios.set(key, [...(ratios.get(key) ?? []), ratio]);
    }
  }
  return [...ratios].map(([key, values]) => {
    const mean = Math.exp(values.reduce((sum, ratio) => sum + Math.log(ratio), 0) / values.length);
    return `${key} = ${mean.toFixed(2)} (geometric mean), ${Math.min(...values).toFixed(2)} (least)`;
  });
}
