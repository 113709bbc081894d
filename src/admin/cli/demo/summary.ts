/** The end of the demo: everything in one table, and what to try next. */
import { isAbsolute, relative } from 'node:path';
import type { CommandContext } from '../command.js';
import { renderTable } from '../table.js';
import { bytesText, countText, durationText, rateText, throughputText } from '../units-text.js';
import type { CrashResult } from './crash-act.js';
import type { ReadResult } from './read-act.js';
import type { RotResult } from './rot-act.js';
import type { StoreResult } from './store-act.js';

export interface DemoReport {
  readonly seed: number;
  readonly durationMs: number;
  /** Where the store is, or null when it was removed. */
  readonly folder: string | null;
  readonly store: StoreResult;
  readonly crash: CrashResult;
  readonly rot: RotResult;
  readonly read: ReadResult;
}

export function verifiedBytes(report: DemoReport): number {
  return report.crash.verifiedBytes + report.rot.verifiedBytes + report.read.bytes;
}

export function summaryTable(report: DemoReport, columns: number): string {
  const { store, crash, rot, read } = report;
  const writes = store.files + store.records;
  const slowest = Math.max(0, ...crash.recoveries.map((one) => one.durationMs));
  const rows: [string, string][] = [
    ['files stored', countText(store.files)],
    ['records stored', countText(store.records)],
    ['bytes stored', bytesText(store.bytes)],
    ['durable writes', rateText(writes, store.durationMs)],
    ['', throughputText(store.bytes, store.durationMs)],
    [
      'put p50 / p99',
      `${durationText(store.latency.p50Ms)} / ${durationText(store.latency.p99Ms)}`,
    ],
    ['event loop p99', durationText(store.loopP99Ms)],
    ['kill -9 survived', countText(crash.kills)],
    ['acknowledged by the killed', `${countText(crash.acknowledged)} writes`],
    ['slowest recovery', durationText(slowest)],
    ['damages noticed and repaired', `${countText(rot.noticed)} of ${countText(rot.damages)}`],
    ['gets', rateText(read.gets, read.getMs)],
    ['get p50 / p99', `${durationText(read.latency.p50Ms)} / ${durationText(read.latency.p99Ms)}`],
    ['scanned entries', rateText(read.scanned, read.scanMs)],
    ['verified', bytesText(verifiedBytes(report))],
    ['lost, wrong or made up', '0 bytes'],
    ['duration', durationText(report.durationMs)],
  ];
  return renderTable([{ title: 'Summary' }, { title: '', align: 'right' }], rows, columns);
}

/** Commands that work as they stand, with what they show. */
export function nextSteps(context: CommandContext, folder: string | null): [string, string][] {
  const themis = invocation(context);
  if (folder === null) {
    return [
      [`${themis} demo --dir ./themis-demo --keep`, 'the same, and keep the folder to look around'],
      [`${themis} put greeting hello --dir ./data`, 'start a store of your own'],
      [`${themis} doctor`, 'what this machine is good for'],
      [`${themis} --help`, 'everything else'],
    ];
  }
  const shown = relative(context.environment.workingFolder, folder);
  const dir = `--dir ${quoted(shown.startsWith('..') || shown === '' ? folder : shown)}`;
  return [
    [`${themis} status ${dir}`, 'how the store is doing'],
    [`${themis} scan ${dir} --prefix record/ --limit 5`, 'some of the records'],
    [`${themis} scan ${dir} --prefix file/ --keys-only --limit 20`, 'some of the files'],
    [`${themis} doctor ${dir}`, 'check every checksum of the folder'],
  ];
}

/** How this program can be called again from where the person is. */
function invocation(context: CommandContext): string {
  const { environment } = context;
  const script = environment.self.at(-1) ?? '';
  // In a checkout npx knows the package's own command, too.
  const isCheckout = environment.workingFolder === environment.packageFolder;
  if (environment.isInstalledCommand || isCheckout) return 'npx themis';
  const path = relative(environment.workingFolder, script);
  return `node ${quoted(path.startsWith('..') || isAbsolute(path) ? script : path)}`;
}

function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
