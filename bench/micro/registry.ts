/**
 * The registry of micro-benchmarks: synchronous functions of nanoseconds to microseconds, measured
 * by benchmark.js. To add some, export a `MicroSuite` and list it here.
 */
import { harnessSuite } from './harness-cost.js';
import { layoutSuite } from './layout.js';
import type { MicroSuite } from './micro-suite.js';

export const microSuites: readonly MicroSuite[] = [harnessSuite, layoutSuite];
