/**
 * The result of a suite: one shape for tables, JSON and comparison. A row never stands without
 * the durability that its contestant gave.
 */
import type { Environment } from './environment.js';
import { renderEnvironment } from './environment.js';
import type { EventLoopResult } from './event-loop.js';
import { median, medianRatio, spread } from './rounds.js';
import { figure, renderTable } from './table.js';

/** What one run of one contestant gave. Times in microseconds. */
export interface Sample {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  readonly cpuUsPerOperation: number;
  readonly rssMiB: number;
  readonly otherCores: number | null;
  /** Digest of the first results; equal for contestants that did the same. */
  readonly hash: string;
  readonly eventLoop: EventLoopResult | null;
  /** Progress over time, of long fills. */
  readonly intervals: readonly Interval[];
}

export interface Interval {
  readonly atMs: number;
  readonly operations: number;
  readonly perSecond: number;
  readonly rssMiB: number;
  /** Acknowledged but not applied; null where the store has no such thing. */
  readonly pending: number | null;
}

export interface Row {
  readonly workload: string;
  readonly contestant: string;
  readonly durability: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** For a rate in MB/s, where an operation has one size; else null. */
  readonly bytesPerOperation: number | null;
  /** Medians of the rounds; `maxUs` and `rssMiB` are the largest of them. */
  readonly result: Sample;
  /** Rates of the rounds, for comparisons. */
  readonly perSecond: readonly number[];
  /** (Largest - smallest) / median of the rates. */
  readonly spread: number;
  /** The subject's rate over this row's, per round, then the median; null for the subject. */
  readonly subjectRatio: number | null;
  /** The same for the median latency: below 1 the subject is faster. */
  readonly subjectP50Ratio: number | null;
}

export interface Verdict {
  readonly grade: 'PASS' | 'WARN' | 'FAIL';
  readonly check: string;
  readonly measured: string;
  /** Why it matters and what to do; empty for a pass. */
  readonly advice: string;
}

/** One row of this run against the same row of an earlier one. */
export interface Change {
  readonly row: string;
  readonly before: number;
  readonly now: number;
  /** now / before - 1. */
  readonly change: number;
  /** What a change must exceed to count. */
  readonly noise: number;
  readonly verdict: 'faster' | 'slower' | 'same';
}

export interface BenchReport {
  readonly format: 1;
  readonly suite: string;
  readonly environment: Environment;
  /** Versions of the contestants that ran. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** Contestants that were skipped, and other remarks. */
  readonly notes: readonly string[];
  /** Empty unless the run was compared with an earlier one. */
  readonly changes: readonly Change[];
}

/** The rows of one workload from the samples of its contestants. */
export function rowsOf(options: {
  readonly workload: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly durability: (contestant: string) => string;
  /** Who the ratios are about. */
  readonly subject: string;
  readonly bytesPerOperation?: number;
}): Row[] {
  const subject = options.samples.get(options.subject) ?? [];
  const rows: Row[] = [];
  for (const [contestant, samples] of options.samples) {
    if (samples.length === 0) continue;
    const rates = samples.map((sample) => sample.perSecond);
    const isSubject = contestant === options.subject;
    const ratio = (pick: (sample: Sample) => number): number | null =>
      isSubject ? null : medianRatio(subject.map(pick), samples.map(pick));
    rows.push({
      workload: options.workload,
      contestant,
      durability: options.durability(contestant),
      parameters: options.parameters,
      bytesPerOperation: options.bytesPerOperation ?? null,
      result: middleOf(samples),
      perSecond: rates,
      spread: spread(rates),
      subjectRatio: ratio((sample) => sample.perSecond),
      subjectP50Ratio: ratio((sample) => sample.p50Us),
    });
  }
  return rows;
}

function middleOf(samples: readonly Sample[]): Sample {
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const others = samples.flatMap((sample) => sample.otherCores ?? []);
  const hashes = new Set(samples.map((sample) => sample.hash));
  const last = samples[samples.length - 1] as Sample;
  return {
    operations: of((sample) => sample.operations),
    elapsedMs: of((sample) => sample.elapsedMs),
    perSecond: of((sample) => sample.perSecond),
    p50Us: of((sample) => sample.p50Us),
    p90Us: of((sample) => sample.p90Us),
    p99Us: of((sample) => sample.p99Us),
    p999Us: of((sample) => sample.p999Us),
    maxUs: Math.max(...samples.map((sample) => sample.maxUs)),
    cpuUsPerOperation: of((sample) => sample.cpuUsPerOperation),
    rssMiB: Math.max(...samples.map((sample) => sample.rssMiB)),
    otherCores: others.length === 0 ? null : Math.max(...others),
    hash: hashes.size === 1 ? last.hash : 'varies',
    eventLoop: middleLoop(samples.flatMap((sample) => sample.eventLoop ?? [])),
    intervals: last.intervals,
  };
}

/** Medians of the percentiles; the longest pauses of all rounds. */
function middleLoop(results: readonly EventLoopResult[]): EventLoopResult | null {
  if (results.length === 0) return null;
  const of = (pick: (result: EventLoopResult) => number): number => median(results.map(pick));
  const most = (pick: (result: EventLoopResult) => number): number =>
    Math.max(...results.map(pick));
  return {
    p50Ms: of((result) => result.p50Ms),
    p99Ms: of((result) => result.p99Ms),
    p999Ms: of((result) => result.p999Ms),
    maxMs: most((result) => result.maxMs),
    utilization: of((result) => result.utilization),
    scavenges: of((result) => result.scavenges),
    scavengeLongestMs: most((result) => result.scavengeLongestMs),
    markCompacts: of((result) => result.markCompacts),
    markCompactLongestMs: most((result) => result.markCompactLongestMs),
    collectingMs: of((result) => result.collectingMs),
  };
}

/** Everything for people: environment, tables, verdicts, remarks. */
export function renderReport(report: BenchReport): string {
  const lines = [`bench ${report.suite}`, ...renderEnvironment(report.environment)];
  const versions = Object.entries(report.versions);
  if (versions.length > 0) lines.push(versions.map(([name, v]) => `${name} ${v}`).join(', '));
  lines.push(...report.notes.map((note) => `note: ${note}`));
  if (report.rows.length > 0) lines.push('', ...renderRows(report.rows));
  const loops = report.rows.filter((row) => row.result.eventLoop !== null);
  if (loops.length > 0) lines.push('', 'event loop', ...renderLoops(loops));
  for (const row of report.rows) {
    if (row.result.intervals.length > 0) lines.push('', ...renderIntervals(row));
  }
  if (report.verdicts.length > 0) lines.push('', ...renderVerdicts(report.verdicts));
  if (report.changes.length > 0) lines.push('', ...renderChanges(report.changes));
  return `${lines.join('\n')}\n`;
}

function renderChanges(changes: readonly Change[]): string[] {
  const percent = (value: number): string => `${(value * 100).toFixed(1)}%`;
  return renderTable({
    columns: ['row', 'before', 'now', 'change', 'noise', 'verdict'],
    rows: changes.map((change) => [
      change.row,
      figure(change.before),
      figure(change.now),
      percent(change.change),
      percent(change.noise),
      change.verdict,
    ]),
  });
}

function renderRows(rows: readonly Row[]): string[] {
  const table = {
    columns: [
      ...[
        'workload',
        'contestant',
        'durability',
        'ops/s',
        'MB/s',
        '±%',
        'p50 us',
        'p90',
        'p99',
        'p99.9',
      ],
      ...['max', 'cpu us/op', 'rss MiB', 'subject/it', 'hash'],
    ],
    rows: rows.map((row) => [
      [row.workload, ...Object.entries(row.parameters).map(([k, v]) => `${k}=${v}`)].join(' '),
      row.contestant,
      row.durability,
      figure(row.result.perSecond),
      figure((row.result.perSecond * (row.bytesPerOperation ?? Number.NaN)) / 1e6),
      (row.spread * 50).toFixed(0),
      figure(row.result.p50Us),
      figure(row.result.p90Us),
      figure(row.result.p99Us),
      figure(row.result.p999Us),
      figure(row.result.maxUs),
      figure(row.result.cpuUsPerOperation),
      figure(row.result.rssMiB),
      row.subjectRatio === null ? '-' : `${row.subjectRatio.toFixed(2)}x`,
      row.result.hash,
    ]),
  };
  const busiest = Math.max(0, ...rows.map((row) => row.result.otherCores ?? 0));
  const lines = renderTable(table);
  if (busiest > 0.25) {
    lines.push(`other programs used up to ${busiest.toFixed(2)} cores: do not quote these figures`);
  }
  return lines;
}

function renderLoops(rows: readonly Row[]): string[] {
  return renderTable({
    columns: [
      ...['workload', 'contestant', 'delay p50 ms', 'p99', 'p99.9', 'longest', 'busy'],
      ...['scavenges', 'longest ms', 'mark-compacts', 'longest ms', 'collecting ms'],
    ],
    rows: rows.flatMap((row) => {
      const loop = row.result.eventLoop;
      if (loop === null) return [];
      return [
        [
          row.workload,
          row.contestant,
          ...[loop.p50Ms, loop.p99Ms, loop.p999Ms, loop.maxMs, loop.utilization].map(figure),
          ...[loop.scavenges, loop.scavengeLongestMs, loop.markCompacts].map(figure),
          ...[loop.markCompactLongestMs, loop.collectingMs].map(figure),
        ],
      ];
    }),
  });
}

function renderIntervals(row: Row): string[] {
  return [
    `${row.workload}, ${row.contestant}`,
    ...renderTable({
      columns: ['seconds', 'keys', 'ops/s', 'rss MiB', 'pending'],
      rows: row.result.intervals.map((interval) => [
        (interval.atMs / 1000).toFixed(1),
        String(interval.operations),
        figure(interval.perSecond),
        figure(interval.rssMiB),
        figure(interval.pending),
      ]),
    }),
  ];
}

function renderVerdicts(verdicts: readonly Verdict[]): string[] {
  const lines = renderTable({
    columns: ['', 'check', 'measured'],
    rows: verdicts.map((verdict) => [verdict.grade, verdict.check, verdict.measured]),
  });
  const advice = verdicts.filter((verdict) => verdict.advice !== '');
  if (advice.length > 0) lines.push('');
  for (const verdict of advice) lines.push(`${verdict.grade} ${verdict.check}: ${verdict.advice}`);
  return lines;
}
