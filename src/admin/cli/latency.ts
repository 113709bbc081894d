/** Latencies of many operations in constant memory: an HDR histogram with three digits. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { ChartRow } from './chart.js';
import { durationText } from './units-text.js';

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

const nsPerMs = 1e6;

export class LatencyRecorder {
  readonly #histogram: RecordableHistogram = createHistogram({ figures: 3 });
  #count = 0;

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * nsPerMs)));
    this.#count++;
  }

  /** All zero when nothing was recorded. */
  summary(): LatencySummary {
    const at = (percentile: number): number =>
      this.#count === 0 ? 0 : this.#histogram.percentile(percentile) / nsPerMs;
    return {
      count: this.#count,
      p50Ms: at(50),
      p99Ms: at(99),
      p999Ms: at(99.9),
      maxMs: this.#count === 0 ? 0 : this.#histogram.max / nsPerMs,
    };
  }
}

/** `p50 0.4 ms, p99 2 ms`. */
export function latencyText(latency: LatencySummary): string {
  return `p50 ${durationText(latency.p50Ms)}, p99 ${durationText(latency.p99Ms)}`;
}

/** The rows of a latency chart. */
export function latencyRows(latency: LatencySummary): readonly ChartRow[] {
  const row = (label: string, value: number): ChartRow => ({
    label,
    value,
    text: durationText(value),
  });
  return [
    row('p50', latency.p50Ms),
    row('p99', latency.p99Ms),
    row('p99.9', latency.p999Ms),
    row('max', latency.maxMs),
  ];
}
