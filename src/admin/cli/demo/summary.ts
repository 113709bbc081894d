/** The end of the demo: everything in one table, and what to try next. */
import { isAbsolute, relative } from 'node:path';
import type { CommandContext } from '../command.js';
import { renderTable } from '../table.js';
import { bytesText, countText, durationText, rateText, throughputText } from '../units-text.js';
import type { CrashResult } from './crash-act.js';
import type { HealResult } from './heal-act.js';
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
  /** Null when nothing was on devices. */
  readonly heal: HealResult | null;
  readonly read: ReadResult;
}

export function verifiedBytes(report: DemoReport): number {
  const { crash, rot, heal, read } = report;
  const healed = heal === null ? 0 : heal.verifiedBytes + heal.before.bytes + heal.during.bytes;
  return crash.verifiedBytes + rot.verifiedBytes + healed + read.bytes;
}

export function summaryTable(report: DemoReport, columns: number): string {
  const { store, crash, rot, heal, read } = report;
  const writes = store.files + store.records + store.bundles;
  const slowest = Math.max(0, ...crash.recoveries.map((one) => one.durationMs));
  const rows: [string, string][] = [
    ['files stored', countText(store.files)],
    ['records stored', countText(store.records)],
    ['large values stored', countText(store.large)],
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
    ...(heal === null ? [] : healRows(heal)),
    ['gets', rateText(read.gets, read.getMs)],
    ['get p50 / p99', `${durationText(read.latency.p50Ms)} / ${durationText(read.latency.p99Ms)}`],
    ['scanned entries', rateText(read.scanned, read.scanMs)],
    ['verified', bytesText(verifiedBytes(report))],
    ['lost, wrong or made up', '0 bytes'],
    ['duration', durationText(report.durationMs)],
  ];
  return renderTable([{ title: 'Summary' }, { title: '', align: 'right' }], rows, columns);
}

function healRows(heal: HealResult): [string, string][] {
  const { before, during } = heal;
  const p99 = `${durationText(before.latency.p99Ms)} / ${durationText(during.latency.p99Ms)}`;
  return [
    ['deleted device held', `${countText(heal.lostFragments)} fragments`],
    ['', bytesText(heal.lostBytes)],
    ['bits flipped on another', countText(heal.flippedBits)],
    ['loss noticed after', durationText(heal.noticedMs)],
    ['all healed after', durationText(heal.healedMs)],
    ['reads meanwhile, all right', countText(during.reads)],
    ['their p99 before / meanwhile', p99],
  ];
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
    [`${themis} device list ${dir}`, 'what holds the large values'],
    [`${themis} scan ${dir} --prefix record/ --limit 5`, 'some of the records'],
    [`${themis} object list ${dir} --prefix bundle/`, 'the largest values, and how they are kept'],
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
