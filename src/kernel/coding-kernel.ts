/**
 * What a coding kernel offers: products of matrices over GF(2^8) with shards in a slab. The addon
 * in each of its tiers, WASM, portable TypeScript and a naive oracle implement it; load-coding.ts
 * chooses. coder.ts is the only caller: it has checked every argument.
 */
import type { Slab } from './slab.js';

/** Shard `targets[i]` is the sum over j of coefficients[i, j] x shard `sources[j]`. */
export interface ShardProduct {
  /** Row-major: one row of sources.length for each target. */
  readonly coefficients: Uint8Array;
  /** Positions of shards. No shard is both a source and a target. */
  readonly sources: Uint16Array;
  readonly targets: Uint16Array;
}

/**
 * A product with its tables. In every call shard i is `length` bytes of the slab from
 * offset + i x stride on, in bytes; nothing else is touched.
 */
export interface PreparedProduct {
  /** Writes the targets. `streaming`: past the caches, for targets that are not read soon. */
  multiply(slab: Slab, offset: number, stride: number, length: number, streaming: boolean): void;
  /**
   * As multiply; and results[j x blocks + b] receives the CRC32C of block b (`block` bytes, the
   * last one what remains) of the j-th shard: the sources in their order, then the targets.
   */
  multiplyChecksums(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    streaming: boolean,
    block: number,
    results: Uint32Array,
  ): void;
  /** Adds (XOR) to the targets what multiply would write. */
  multiplyAdd(slab: Slab, offset: number, stride: number, length: number): void;
  /** The lowest byte of the shards at which a target is not what it should be, or -1. */
  verify(slab: Slab, offset: number, stride: number, length: number): number;
  /** Frees what was prepared. Not to be used afterwards. */
  close(): void;
}

export interface CodingKernel {
  /** For people and metrics: `addon/gfni512`, `wasm`, `portable`, ... */
  readonly name: string;
  prepare(product: ShardProduct): PreparedProduct;
}
