/**
 * Suite `blob`: large values on six devices under 4 + 2, against plain files with fsync on the same
 * disk, in turns, each measurement in a process of its own. Reads are of values in the cache of the
 * system, since what a disk gives is the same for all. Degraded reads miss one device of six.
 */
import fs from 'node:fs';
import path from 'node:path';
import { KiB, MiB } from '../../src/base/index.js';
import {
  type Contestant,
  type Row,
  rowsOf,
  runInTurns,
  runIsolated,
  type Sample,
} from '../harness/index.js';
import type { BlobContestant } from './contestant.js';
import { blobContestants } from './contestants.js';
import { type BlobRun, runBlobs } from './run.js';

export interface BlobSuiteOptions {
  /** An existing folder; what is written is removed. */
  readonly folder: string;
  /** Names of workloads; empty is all. */
  readonly workloads: readonly string[];
  readonly contestants: readonly string[];
  readonly rounds: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Bytes of a dataset that is read. */
  readonly datasetBytes: number;
  readonly seed: number;
  readonly isolate: boolean;
  readonly progress: (line: string) => void;
}

interface Workload {
  readonly name: string;
  readonly kind: 'put' | 'get';
  readonly valueBytes: number;
  readonly inFlight: number;
  readonly isDegraded?: boolean;
}

const workloads: readonly Workload[] = [
  { name: 'put', kind: 'put', valueBytes: 1 * MiB, inFlight: 16 },
  { name: 'put-small', kind: 'put', valueBytes: 128 * KiB, inFlight: 64 },
  { name: 'get', kind: 'get', valueBytes: 1 * MiB, inFlight: 16 },
  { name: 'get-small', kind: 'get', valueBytes: 128 * KiB, inFlight: 64 },
  { name: 'get-degraded', kind: 'get', valueBytes: 1 * MiB, inFlight: 16, isDegraded: true },
];

export const blobWorkloadNames: readonly string[] = workloads.map(({ name }) => name);
export const blobContestantNames: readonly string[] = blobContestants.map(({ name }) => name);

export async function runBlobSuite(options: BlobSuiteOptions): Promise<{ readonly rows: Row[] }> {
  const rows: Row[] = [];
  const chosen = workloads.filter(
    ({ name }) => options.workloads.length === 0 || options.workloads.includes(name),
  );
  for (const workload of chosen) rows.push(...(await measure(workload, options)));
  return { rows };
}

async function measure(workload: Workload, options: BlobSuiteOptions): Promise<Row[]> {
  const { name, kind, valueBytes, inFlight } = workload;
  options.progress(`blob: ${name}, ${inFlight} values of ${valueBytes} bytes in flight`);
  const folder = fs.mkdtempSync(path.join(options.folder, 'blob-'));
  try {
    const contestants = blobContestants
      .filter((one) => options.contestants.includes(one.name))
      .map((one): Contestant<Sample> => {
        const own = path.join(folder, one.name.replaceAll(' ', '-'));
        const run = kind === 'put' ? runPuts : runGets;
        return { name: one.name, run: () => run(one, own, workload, options) };
      });
    const samples = await runInTurns(contestants, { rounds: options.rounds });
    return rowsOf({
      workload: name,
      parameters: { inflight: inFlight, bytes: valueBytes },
      samples,
      durability: (contestant) => durabilityOf(contestant, workload),
      subject: blobContestants[0]?.name ?? '',
      bytesPerOperation: valueBytes,
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function durabilityOf(contestant: string, { isDegraded }: Workload): string {
  const found = blobContestants.find(({ name }) => name === contestant);
  const loss = isDegraded === true && found?.degrade !== null ? ', one device lost' : '';
  return `${found?.durability ?? ''}${loss}`;
}

/** A fresh folder for every measurement. */
async function runPuts(
  contestant: BlobContestant,
  folder: string,
  workload: Workload,
  options: BlobSuiteOptions,
): Promise<Sample> {
  fs.mkdirSync(folder, { recursive: true });
  try {
    return (await runOne(contestant, folder, workload, options, 'put')) as Sample;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** One folder for all rounds, filled by the first. */
async function runGets(
  contestant: BlobContestant,
  folder: string,
  workload: Workload,
  options: BlobSuiteOptions,
): Promise<Sample> {
  if (!fs.existsSync(folder)) {
    fs.mkdirSync(folder, { recursive: true });
    await runOne(contestant, folder, workload, options, 'fill');
    if (workload.isDegraded === true) contestant.degrade?.(folder);
  }
  return (await runOne(contestant, folder, workload, options, 'get')) as Sample;
}

function runOne(
  contestant: BlobContestant,
  folder: string,
  { valueBytes, inFlight }: Workload,
  options: BlobSuiteOptions,
  kind: BlobRun['kind'],
): Promise<unknown> {
  const { warmupMs, durationMs, seed, datasetBytes } = options;
  const values = Math.max(1, Math.floor(datasetBytes / valueBytes));
  const request: BlobRun = {
    kind,
    contestant: contestant.name,
    folder,
    valueBytes,
    inFlight,
    values,
    warmupMs,
    durationMs,
    seed,
  };
  if (!options.isolate) return runBlobs(request);
  const entry = new URL('./child.js', import.meta.url);
  return runIsolated({ entry, request, name: `${contestant.name} ${kind}` });
}
