/** A named group of micro-benchmarks. */
import type Benchmark from 'benchmark';

export interface MicroSuite {
  readonly name: string;
  /** Adds benchmarks; each must give its result to `consume`. */
  add(suite: Benchmark.Suite): void;
}

let sink = 0;

/** Keeps a result, so that the work behind it cannot be optimised away. */
export function consume(value: number): void {
  sink = (sink + value) | 0;
}

/** What was consumed so far. */
export function consumed(): number {
  return sink;
}
