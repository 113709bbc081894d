/**
 * One thread's view of the arena. A layout is plain data and one SharedArrayBuffer, so it travels
 * to a thread in a message; the thread attaches its lane and finds its instruments by name, once.
 *
 *   slots   lane 0: [ series a | series b | ... ]  lane 1: [ series a | series b | ... ]  ...
 */
import { assert, must } from '../base/index.js';
import { Counter, Gauge, Histogram } from './instruments.js';
import { type Labels, type MetricKind, type SeriesLayout, sameLabels } from './series.js';

/** Who counts in which lane. A lane has one writing thread. */
export const metricLanes = { main: 0, log: 1, state: 2 } as const;

export interface ArenaLayout {
  readonly buffer: SharedArrayBuffer;
  readonly slotsPerLane: number;
  readonly series: readonly SeriesLayout[];
}

/** Instruments of one lane. Unknown names are defects: the arena defines every series at start. */
export interface MetricsLane {
  counter(name: string, labels?: Labels): Counter;
  gauge(name: string, labels?: Labels): Gauge;
  histogram(name: string, labels?: Labels): Histogram;
}

export function attachLane(layout: ArenaLayout, lane: keyof typeof metricLanes): MetricsLane {
  const slots = laneSlots(layout.buffer, layout.slotsPerLane, metricLanes[lane]);
  const find = (kind: MetricKind, name: string, labels: Labels = {}): SeriesLayout => {
    const found = layout.series.find((one) => one.name === name && sameLabels(one.labels, labels));
    const series = must(found, `metric ${name}${JSON.stringify(labels)} is defined`);
    assert(series.kind === kind, `metric ${name} is a ${series.kind}, not a ${kind}`);
    return series;
  };
  return {
    counter: (name, labels) => new Counter(slots, find('counter', name, labels).at),
    gauge: (name, labels) => new Gauge(slots, find('gauge', name, labels).at),
    histogram: (name, labels) => {
      const series = find('histogram', name, labels);
      return new Histogram(slots, series.at, series.bounds);
    },
  };
}

export function laneSlots(buffer: SharedArrayBuffer, slots: number, lane: number): Float64Array {
  return new Float64Array(buffer, lane * slots * Float64Array.BYTES_PER_ELEMENT, slots);
}
