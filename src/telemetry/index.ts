/**
 * telemetry: instruments only, counted in shared memory and read when somebody asks.
 *
 * Invariants:
 * - Counting is a write into a typed array: no allocation, no hashing, no lock, no message.
 * - A slot has one writer (the thread of its lane); readers add the lanes up.
 * - The number of series is bounded, and all are defined before the first thread starts.
 *
 * What becomes of the numbers (text formats, HTTP) is not decided here.
 * May import: base, config.
 */

export { MetricsArena } from './arena.js';
export { logLinearBounds } from './bounds.js';
export type { Counter, Gauge, Histogram } from './instruments.js';
export { type ArenaLayout, attachLane, type MetricsLane } from './lane.js';
export type { Labels, MetricFamily, MetricKind, MetricSeries } from './series.js';
