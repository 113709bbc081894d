/** The description of a series, the same in every thread, and the rules for its name. */
import { assert } from '../base/index.js';

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export type Labels = Readonly<Record<string, string>>;

/** One series: where its slots begin in every lane, and how to read them. */
export interface SeriesLayout {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  readonly labels: Labels;
  readonly at: number;
  /** Upper bounds of a histogram, ascending; empty for the others. */
  readonly bounds: readonly number[];
}

/** All series of one name, as they stood when they were read. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  readonly series: readonly MetricSeries[];
}

export interface MetricSeries {
  readonly labels: Labels;
  /** Of a counter or gauge; the sum of all observations of a histogram. */
  readonly value: number;
  readonly bounds: readonly number[];
  /** Observations for each bound, then those above the last; not cumulative. */
  readonly counts: readonly number[];
}

export function slotsOf(series: Pick<SeriesLayout, 'kind' | 'bounds'>): number {
  return series.kind === 'histogram' ? series.bounds.length + 2 : 1;
}

export function sameLabels(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Names are `themis_<subsystem>_<what>_<unit>`, with `_total` on counters and on nothing else. */
export function assertSeries(series: SeriesLayout, others: readonly SeriesLayout[]): void {
  const { name, help, kind, labels, bounds } = series;
  assert(/^themis(?:_[a-z][a-z0-9]*){2,}$/.test(name), `metric name ${name}`);
  assert(name.endsWith('_total') === (kind === 'counter'), `_total is for counters: ${name}`);
  assert(!/_(?:count|sum|bucket)$/.test(name), `the end of ${name} belongs to histograms`);
  assert(help !== '', `metric ${name} has a help text`);
  const ascending = bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] as number));
  assert(ascending && bounds.every(Number.isFinite), `bounds of ${name} are finite and ascend`);
  assert((kind === 'histogram') === bounds.length > 0, `a histogram has bounds: ${name}`);
  for (const label of Object.keys(labels)) {
    assert(/^[a-z][a-z0-9_]*$/.test(label) && label !== 'le', `label ${label} of ${name}`);
  }
  for (const other of others.filter((one) => one.name === name)) {
    assert(!sameLabels(other.labels, labels), `metric ${name} is defined twice`);
    assert(other.kind === kind && other.help === help, `metric ${name} has one kind and help`);
    const sameNames = Object.keys(other.labels).sort().join() === Object.keys(labels).sort().join();
    assert(sameNames, `all series of ${name} have the same label names`);
  }
}
