/**
 * Suite `kv`: Themis and what a user would take instead, on the same disk in the same run. Each
 * measurement runs in a process of its own (unless `isolate` is false), in turns, over a fresh
 * folder or a dataset that was loaded before.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  type Contestant,
  type Row,
  rowsOf,
  runInTurns,
  runIsolated,
  type Sample,
} from '../harness/index.js';
import type { LoadedPeer, PeerModule } from './peer.js';
import { loadPeer, themisName } from './peers.js';
import { type KvLoad, type KvRun, loadKv, runKv, valueBytesOf } from './run.js';
import type { Workload } from './workload.js';
import { workloadsOf } from './workloads.js';

export interface KvSuiteOptions {
  /** An existing folder; the stores live in one inside it, which is removed. */
  readonly folder: string;
  /** Names of workloads or groups; empty is the default group. */
  readonly workloads: readonly string[];
  /** Contestants by name; Themis first where it takes part. */
  readonly contestants: readonly string[];
  readonly rounds: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Window of workloads about tails. */
  readonly tailMs: number;
  readonly operationsMax: number;
  readonly intervalMs: number;
  /** Null takes each workload's own. */
  readonly writers: readonly number[] | null;
  readonly valueBytes: readonly number[];
  /** Records of datasets. */
  readonly keys: number;
  /** Records of the workload `fill`. */
  readonly fillKeys: number;
  readonly seed: number;
  readonly isolate: boolean;
  /** Finds contestants; only runs in this process (`isolate: false`) see another than the default. */
  readonly load?: (name: string) => Promise<LoadedPeer>;
  readonly progress: (line: string) => void;
}

export interface KvSuiteResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

export async function runKvSuite(options: KvSuiteOptions): Promise<KvSuiteResult> {
  const notes: string[] = [];
  const modules: PeerModule[] = [];
  for (const name of options.contestants) {
    const loaded = await (options.load ?? loadPeer)(name);
    if (loaded.kind === 'loaded') modules.push(loaded.module);
    else notes.push(loaded.reason);
  }
  const rows: Row[] = [];
  const workloads = workloadsOf(options.workloads);
  const folder = fs.mkdtempSync(path.join(options.folder, 'kv-'));
  try {
    const suite = new KvSuite({ ...options, folder }, modules);
    for (const workload of workloads) {
      for (const point of pointsOf(workload, options)) rows.push(...(await suite.measure(point)));
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const versions = Object.fromEntries(modules.map((module) => [module.name, module.version]));
  return { rows, notes, versions };
}

/** A workload with its parameters. */
interface Point {
  readonly workload: Workload;
  readonly writers: number;
  readonly valueBytes: number;
  readonly keys: number;
}

function pointsOf(workload: Workload, options: KvSuiteOptions): Point[] {
  const sizes =
    workload.dataset === 'ycsb'
      ? [valueBytesOf('ycsb', 0)]
      : workload.name === 'fillsync'
        ? options.valueBytes
        : options.valueBytes.slice(0, 1);
  const keys = workload.name === 'fill' ? options.fillKeys : options.keys;
  const writers = workload.single === true ? [1] : (options.writers ?? workload.writers);
  return sizes.flatMap((valueBytes) =>
    writers.map((count) => ({ workload, writers: count, valueBytes, keys })),
  );
}

class KvSuite {
  readonly #options: KvSuiteOptions;
  readonly #modules: readonly PeerModule[];
  /** Folders of datasets that no run has changed, by what is in them. */
  readonly #loaded = new Map<string, string>();
  #folders = 0;

  constructor(options: KvSuiteOptions, modules: readonly PeerModule[]) {
    this.#options = options;
    this.#modules = modules;
  }

  async measure(point: Point): Promise<Row[]> {
    const { workload, writers, valueBytes, keys } = point;
    const { progress } = this.#options;
    progress(`kv: ${workload.name}, ${writers} in flight, values of ${valueBytes} bytes`);
    const modules = this.#modules.filter((module) => !module.writesOnly || writesIn(workload));
    const contestants = modules.map((module): Contestant<Sample> => {
      return { name: module.name, run: () => this.#run(module, point) };
    });
    const samples = await runInTurns(contestants, {
      rounds: workload.once === true ? 1 : this.#options.rounds,
    });
    const empty = workload.dataset === 'empty';
    const parameters = {
      writers,
      bytes: valueBytes,
      ...(empty && workload.name !== 'fill' ? {} : { keys }),
    };
    return rowsOf({
      workload: workload.name,
      parameters,
      samples,
      durability: (name) => this.#durabilityOf(name, workload),
      subject: themisName,
    });
  }

  async #run(module: PeerModule, point: Point): Promise<Sample> {
    const { workload } = point;
    const options = this.#options;
    const folder = await this.#folderFor(module, point);
    const run: KvRun = {
      kind: 'run',
      workload: workload.name,
      contestant: module.name,
      folder,
      keys: point.keys,
      valueBytes: point.valueBytes,
      writers: point.writers,
      warmupMs: options.warmupMs,
      durationMs: workload.tail === true ? options.tailMs : options.durationMs,
      operationsMax: options.operationsMax,
      intervalMs: options.intervalMs,
      seed: options.seed,
    };
    try {
      if (!options.isolate) return await runKv(run, options.progress, options.load);
      return (await this.#isolated(run)) as Sample;
    } finally {
      if (workload.changes) fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A folder with the dataset that the workload wants; a new one if the run will change it. */
  async #folderFor(module: PeerModule, point: Point): Promise<string> {
    const { workload, keys, valueBytes } = point;
    const name = [module.name, workload.dataset, keys, valueBytes].join(' ');
    const kept = this.#loaded.get(name);
    if (kept !== undefined && !workload.changes) return kept;
    const folder = path.join(this.#options.folder, `store-${this.#folders++}`);
    fs.mkdirSync(folder);
    if (workload.dataset === 'empty') return folder;
    const load: KvLoad = {
      kind: 'load',
      dataset: workload.dataset,
      contestant: module.name,
      folder,
      keys,
      valueBytes,
      seed: this.#options.seed,
    };
    if (this.#options.isolate) await this.#isolated(load);
    else await loadKv(load, this.#options.load);
    if (!workload.changes) this.#loaded.set(name, folder);
    return folder;
  }

  #isolated(request: KvRun | KvLoad): Promise<unknown> {
    return runIsolated({
      entry: new URL('./child.js', import.meta.url),
      request,
      progress: this.#options.progress,
      name: `${request.kind === 'run' ? request.workload : 'load'} of ${request.contestant}`,
    });
  }

  #durabilityOf(name: string, workload: Workload): string {
    const module = this.#modules.find((candidate) => candidate.name === name);
    return module?.durability[workload.durability] ?? 'unknown';
  }
}

function writesIn(workload: Workload): boolean {
  return workload.changes;
}
