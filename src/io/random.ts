/**
 * Named streams of pseudo-random numbers. The same seed and name give the same numbers, and
 * drawing from one stream does not move another, so that a fix in one place does not reshuffle
 * everything else that a seed decides.
 */
export interface Random {
  stream(name: string): RandomStream;
}

export interface RandomStream {
  /** An integer in [0, 2^32). */
  u32(): number;
  /** A number in [0, 1). */
  float(): number;
  /** An integer in [0, bound); bound from 1 to 2^32. */
  below(bound: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  fill(bytes: Uint8Array): void;
}
