/**
 * harness: how benchmarks are run and reported, with nothing about what is measured.
 * Rounds in turns, closed and open loops, histograms, distributions, environment, reports.
 * May import: base.
 */
export {
  type ClosedLoopOptions,
  closedLoop,
  type LoopResult,
  type SyncLoopOptions,
  syncLoop,
} from './closed-loop.js';
export { compareReports, readReport } from './compare.js';
export { Digest } from './digest.js';
export {
  describeEnvironment,
  type Environment,
  fileSystemOf,
  renderEnvironment,
} from './environment.js';
export { EventLoopMonitor, type EventLoopResult } from './event-loop.js';
export { Histogram, type Percentiles } from './histogram.js';
export { type IsolatedRun, runIsolated, serveIsolated } from './isolate.js';
export {
  type OpenLoopOptions,
  type OpenLoopResult,
  openLoop,
  type Pacer,
  realPacer,
} from './open-loop.js';
export { packageRoot, versionOf } from './package-root.js';
export { createRandomSource, mix32, type RandomSource } from './random.js';
export {
  type BenchReport,
  type Change,
  type Interval,
  type Row,
  renderReport,
  rowsOf,
  type Sample,
  type Verdict,
} from './report.js';
export {
  type Contestant,
  inTurn,
  median,
  medianRatio,
  type RoundsOptions,
  runInTurns,
  spread,
} from './rounds.js';
export { Span, type SpanResult } from './span.js';
export { figure, renderTable, type Table } from './table.js';
export {
  fnv64Decimal,
  fnv64Modulo,
  LatestZipfian,
  ScrambledZipfian,
  Zipfian,
  zipfianConstant,
} from './zipfian.js';
