/**
 * One measurement, or one loading of a dataset, as a function of plain data: the same whether it
 * is called here or in a process of its own (child.ts).
 */
import { ThemisError } from '../../src/base/index.js';
import { createRandomSource, type Sample } from '../harness/index.js';
import { keyOf, Shuffle, ValueSource } from './data.js';
import type { LoadedPeer, PeerEntry, PeerModule } from './peer.js';
import { loadPeer } from './peers.js';
import type { Dataset } from './workload.js';
import { workloadNamed } from './workloads.js';
import { ycsbKeyOf, ycsbValueBytes } from './ycsb.js';

export interface KvRun {
  readonly kind: 'run';
  readonly workload: string;
  readonly contestant: string;
  readonly folder: string;
  readonly keys: number;
  readonly valueBytes: number;
  readonly writers: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly operationsMax: number;
  readonly intervalMs: number;
  readonly seed: number;
}

export interface KvLoad {
  readonly kind: 'load';
  readonly dataset: Dataset;
  readonly contestant: string;
  readonly folder: string;
  readonly keys: number;
  readonly valueBytes: number;
  readonly seed: number;
}

/** Entries of one call of a peer's `load`. */
const loadEntries = 1_000;

export async function runKv(
  run: KvRun,
  progress: (line: string) => void,
  find: FindPeer = loadPeer,
): Promise<Sample> {
  const workload = workloadNamed(run.workload);
  const module = await moduleOf(run.contestant, find);
  const peer = await module.open(run.folder, { durability: workload.durability });
  try {
    const valueBytes = valueBytesOf(workload.dataset, run.valueBytes);
    const sample = await workload.run({
      ...run,
      peer,
      valueBytes,
      random: createRandomSource(run.seed, run.workload),
      values: new ValueSource(run.seed, valueBytes),
      progress: (line) => progress(`${run.contestant} ${line}`),
    });
    return sample;
  } finally {
    await peer.close();
  }
}

/** Fills a store with the dataset and closes it again, so that every run opens the same files. */
export async function loadKv(load: KvLoad, find: FindPeer = loadPeer): Promise<void> {
  const module = await moduleOf(load.contestant, find);
  const peer = await module.open(load.folder, { durability: 'buffered' });
  try {
    const values = new ValueSource(load.seed, valueBytesOf(load.dataset, load.valueBytes));
    const key = load.dataset === 'ycsb' ? ycsbKeyOf : keyOf;
    // In random order, as data arrives: an ordered load would leave an LSM tree without overlap.
    const shuffle = new Shuffle(load.keys, load.seed);
    for (let at = 0; at < load.keys; at += loadEntries) {
      const entries: PeerEntry[] = [];
      for (let i = at; i < Math.min(at + loadEntries, load.keys); i++) {
        const number = shuffle.at(i);
        entries.push([key(number), values.next(number, 0)]);
      }
      await peer.load(entries);
    }
    await peer.settle();
  } finally {
    await peer.close();
  }
}

/** Bytes of a value, which YCSB prescribes. */
export function valueBytesOf(dataset: Dataset, asked: number): number {
  return dataset === 'ycsb' ? ycsbValueBytes : asked;
}

type FindPeer = (name: string) => Promise<LoadedPeer>;

async function moduleOf(name: string, find: FindPeer): Promise<PeerModule> {
  const loaded = await find(name);
  if (loaded.kind === 'loaded') return loaded.module;
  throw new ThemisError('THEMIS_USAGE', loaded.reason);
}
