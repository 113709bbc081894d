/**
 * bench/micro: synchronous micro-benchmarks through benchmark.js.
 * May import: harness, kv's generators, and what it measures in src.
 */
export { consume, consumed, type MicroSuite } from './micro-suite.js';
export { microSuites } from './registry.js';
export { type MicroResult, type MicroSuiteOptions, runMicroSuite } from './suite.js';
