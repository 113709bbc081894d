/**
 * The arena: all series of a process, defined once at start, in one SharedArrayBuffer.
 *
 * Invariants: a series keeps its slots for ever; after `layout()` nothing more is defined, so that
 * every thread knows the same series; slots never exceed limits.metricSlotsMax.
 */
import { assert } from '../base/index.js';
import { limits } from '../config/index.js';
import { Counter, Gauge, Histogram } from './instruments.js';
import { type ArenaLayout, laneSlots, metricLanes } from './lane.js';
import {
  assertSeries,
  type Labels,
  type MetricFamily,
  type MetricSeries,
  type SeriesLayout,
  slotsOf,
} from './series.js';

export class MetricsArena {
  readonly #series: SeriesLayout[] = [];
  readonly #buffer: SharedArrayBuffer;
  readonly #lanes: readonly Float64Array[];
  readonly #main: Float64Array;
  #slotsUsed = 0;
  #sealed = false;

  constructor() {
    const slots = limits.metricSlotsMax;
    const lanes = Object.values(metricLanes);
    const bytes = lanes.length * slots * Float64Array.BYTES_PER_ELEMENT;
    this.#buffer = new SharedArrayBuffer(bytes);
    this.#lanes = lanes.map((lane) => laneSlots(this.#buffer, slots, lane));
    this.#main = laneSlots(this.#buffer, slots, metricLanes.main);
  }

  /** Defines a counter and returns it for the main thread. THEMIS_ASSERTION when out of room. */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    const at = this.#define({
      name,
      help,
      kind: 'counter',
      labels,
      at: this.#slotsUsed,
      bounds: [],
    });
    return new Counter(this.#main, at);
  }

  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    const at = this.#define({ name, help, kind: 'gauge', labels, at: this.#slotsUsed, bounds: [] });
    return new Gauge(this.#main, at);
  }

  /** `bounds` are inclusive upper bounds in the unit of the name, ascending. */
  histogram(name: string, help: string, bounds: readonly number[], labels: Labels = {}): Histogram {
    const at = this.#define({ name, help, kind: 'histogram', labels, at: this.#slotsUsed, bounds });
    return new Histogram(this.#main, at, bounds);
  }

  /** What a thread needs to attach its lane. Nothing can be defined afterwards. */
  layout(): ArenaLayout {
    this.#sealed = true;
    return {
      buffer: this.#buffer,
      slotsPerLane: limits.metricSlotsMax,
      series: this.#series,
    };
  }

  /** Names of all families, in the order of definition. */
  names(): string[] {
    return [...new Set(this.#series.map((series) => series.name))];
  }

  /** The family's numbers now, lanes added up. Threads may count on while it reads. */
  read(name: string): MetricFamily {
    const own = this.#series.filter((series) => series.name === name);
    const first = own[0];
    assert(first !== undefined, `metric ${name} is defined`);
    const series = own.map((one) => this.#readSeries(one));
    return { name, help: first.help, kind: first.kind, series };
  }

  #readSeries({ at, bounds, kind, labels }: SeriesLayout): MetricSeries {
    const total = (slot: number): number =>
      this.#lanes.reduce((sum, lane) => sum + (lane[slot] as number), 0);
    if (kind !== 'histogram') return { labels, value: total(at), bounds, counts: [] };
    const counts = Array.from({ length: bounds.length + 1 }, (_, bucket) => total(at + bucket));
    return { labels, value: total(at + bounds.length + 1), bounds, counts };
  }

  #define(series: SeriesLayout): number {
    assert(!this.#sealed, `metric ${series.name} is defined before threads attach`);
    assertSeries(series, this.#series);
    const used = this.#slotsUsed + slotsOf(series);
    const room = `metric ${series.name} fits the arena of ${limits.metricSlotsMax} slots`;
    assert(used <= limits.metricSlotsMax, room);
    this.#series.push(series);
    this.#slotsUsed = used;
    return series.at;
  }
}
