/** The registry of workloads, and the groups that options may name. */
import { ThemisError } from '../../src/base/index.js';
import { fill } from './fill.js';
import { pacingWorkloads } from './pacing.js';
import { readWorkloads } from './reads.js';
import type { Workload } from './workload.js';
import { writeWorkloads } from './writes.js';
import { ycsbWorkloads } from './ycsb.js';

const all: readonly Workload[] = [
  ...writeWorkloads,
  fill,
  ...readWorkloads,
  ...pacingWorkloads,
  ...ycsbWorkloads,
];

export const workloadNames: readonly string[] = all.map((workload) => workload.name);

/** What runs when no workload is named: what the promises of Themis are about. */
const promised: readonly string[] = [
  'fillsync',
  'fill',
  'getsync',
  'readrandom',
  'multireadrandom',
  'seekrandom',
  'loopfull',
  'loophalf',
];

const groups: Readonly<Record<string, readonly string[]>> = {
  default: promised,
  all: workloadNames,
  ycsb: ycsbWorkloads.map((workload) => workload.name),
  db_bench: [...writeWorkloads, ...readWorkloads].map((workload) => workload.name),
  loop: pacingWorkloads.map((workload) => workload.name),
};

/** The workload of that name; THEMIS_USAGE when there is none. */
export function workloadNamed(name: string): Workload {
  const found = all.find((workload) => workload.name === name);
  if (found !== undefined) return found;
  const known = [...Object.keys(groups), ...workloadNames].join(', ');
  throw new ThemisError('THEMIS_USAGE', `No workload is called ${name}; choose among ${known}`);
}

/** Names and groups to workloads, in the order given, each once. */
export function workloadsOf(names: readonly string[]): Workload[] {
  const wanted = names.length === 0 ? ['default'] : names;
  const flat = new Set(wanted.flatMap((name) => groups[name] ?? [name]));
  return [...flat].map(workloadNamed);
}
