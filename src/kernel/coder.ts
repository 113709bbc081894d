/**
 * Reed-Solomon coding of stripes in a slab: data + parity shards, of which any `data` give back
 * all others.
 *
 *      offset        + stride          + 2 stride
 *      | shard 0     | shard 1         | ...           shard data+parity-1 |
 *      <-- length -->
 *
 * Shards 0 ... data-1 are the data, the rest is parity; shard i is `length` bytes of the slab from
 * offset + i x stride on. All numbers are bytes. What the bytes are is fixed by the shape and the
 * matrix alone: every tier writes the same, and so do Backblaze's, klauspost's, MinIO's codecs
 * (vandermonde) and ISA-L (cauchy).
 *
 * Every call is synchronous. A call that is refused, with THEMIS_KERNEL_ARGUMENT, has read and
 * written nothing. A Coder belongs to its thread; several threads may work on one slab as long
 * as none writes bytes that another one uses.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import {
  checkBlocks,
  checkMasks,
  checkShape,
  checkStores,
  checkStripe,
  checkUpdate,
} from './coder-arguments.js';
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import { type CodingMatrix, parityRows } from './coding-matrix.js';
import { PlanCache } from './plan-cache.js';
import { type Code, reconstruction } from './reconstruction.js';
import type { Slab } from './slab.js';

export interface CoderShape {
  /** Data shards, from 1. */
  readonly data: number;
  /** Parity shards, from 1; data + parity are at most shardsMax (256). */
  readonly parity: number;
  /** Absent: vandermonde. */
  readonly matrix?: CodingMatrix;
}

/**
 * How results are written. `cached`: as usual. `streaming`: past the caches, faster where the
 * stripe is larger than they are and nobody reads the result soon; the bytes are the same.
 */
export type Stores = 'cached' | 'streaming';

interface Recent {
  readonly present: bigint;
  readonly wanted: bigint;
  readonly plan: PreparedProduct;
}

/** Positions first ... first+count-1. */
function positions(first: number, count: number): Uint16Array {
  return Uint16Array.from({ length: count }, (_, i) => first + i);
}

/** Adds column `index` of the parity rows, times that shard's new and times its old content. */
function updateOf({ data, parity, rows }: Code, index: number): ShardProduct {
  const coefficients = new Uint8Array(2 * parity);
  for (let i = 0; i < parity; i++) {
    coefficients.fill(rows[i * data + index] as number, 2 * i, 2 * i + 2);
  }
  const sources = Uint16Array.of(index, data + parity);
  return { coefficients, sources, targets: positions(data, parity) };
}

export class Coder {
  readonly data: number;
  readonly parity: number;
  /** data + parity. */
  readonly shards: number;
  readonly matrix: CodingMatrix;
  /** Name of the kernel that computes. */
  readonly kernel: string;
  readonly #code: Code;
  readonly #encoding: PreparedProduct;
  /** For each data shard, what an update of it adds to the parity; prepared when first used. */
  readonly #updates: (PreparedProduct | undefined)[];
  readonly #prepareUpdate: (index: number) => PreparedProduct;
  readonly #plans: PlanCache;
  /** The plan of the latest reconstruction; it is the last one that the cache would drop. */
  #recent: Recent | null = null;
  #closed = false;

  /** Throws THEMIS_KERNEL_ARGUMENT when there is no code of that shape. */
  constructor({ data, parity, matrix = 'vandermonde' }: CoderShape, kernel: CodingKernel) {
    checkShape(data, parity, matrix);
    const code = { data, parity, rows: parityRows(matrix, data, parity) };
    this.data = data;
    this.parity = parity;
    this.shards = data + parity;
    this.matrix = matrix;
    this.kernel = kernel.name;
    this.#code = code;
    this.#encoding = kernel.prepare({
      coefficients: code.rows,
      sources: positions(0, data),
      targets: positions(data, parity),
    });
    this.#updates = Array.from({ length: data }, () => undefined);
    this.#prepareUpdate = (index) => kernel.prepare(updateOf(code, index));
    const bounds = {
      plansMax: limits.codingPlansMax,
      coefficientsMax: limits.codingCoefficientsMax,
    };
    this.#plans = new PlanCache(bounds, (product) => kernel.prepare(product));
  }

  /** Writes the parity shards. */
  encode(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    stores: Stores = 'cached',
  ): void {
    this.#check(slab, offset, stride, length, stores);
    this.#encoding.multiply(slab, offset, stride, length, stores === 'streaming');
  }

  /**
   * Writes the parity shards, and in the same pass the CRC32C of every block of `block` bytes (the
   * last one of a shard is what remains) of every shard: results[i x blocks + b] is that of
   * block b of shard i, with blocks = ceil(length / block). `results` may be longer.
   */
  encodeWithChecksums(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    block: number,
    results: Uint32Array,
    stores: Stores = 'cached',
  ): void {
    this.#check(slab, offset, stride, length, stores);
    checkBlocks(length, this.shards, block, results);
    const streaming = stores === 'streaming';
    this.#encoding.multiplyChecksums(slab, offset, stride, length, streaming, block, results);
  }

  /**
   * Compares the parity shards with what the data shards say, writing nothing. Returns -1 when
   * they agree, otherwise the lowest byte, counted from the start of a shard, at which they do not.
   * Which shard is wrong at that byte cannot be known from the shards alone.
   */
  verify(slab: Slab, offset: number, stride: number, length: number): number {
    this.#check(slab, offset, stride, length, 'cached');
    return this.#encoding.verify(slab, offset, stride, length);
  }

  /**
   * Brings the parity shards up to date after data shard `index` changed, without reading the
   * other data shards. The shard's old content lies behind the stripe, at the place of a shard
   * data+parity; what it was and what it is now must both be there during the call. A stripe of
   * shardsMax shards has no such place: encode it anew.
   */
  update(slab: Slab, offset: number, stride: number, length: number, index: number): void {
    this.#checkOpen();
    checkUpdate(index, this.data, this.shards);
    checkStripe(slab, offset, stride, length, this.shards + 1);
    let prepared = this.#updates[index];
    if (prepared === undefined) {
      prepared = this.#prepareUpdate(index);
      this.#updates[index] = prepared;
    }
    prepared.multiplyAdd(slab, offset, stride, length);
  }

  /**
   * Writes the wanted shards, data or parity, from those that are present; other shards are neither
   * read nor written. In both masks bit i stands for shard i. When more than `data` are present,
   * data shards are read before parity, low numbers before high. Throws THEMIS_SHARDS_MISSING,
   * naming the missing, when fewer are. The plan for a pattern is made once and kept.
   */
  reconstruct(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    present: bigint,
    wanted: bigint,
    stores: Stores = 'cached',
  ): void {
    this.#check(slab, offset, stride, length, stores);
    const plan = this.#planFor(present, wanted);
    plan?.multiply(slab, offset, stride, length, stores === 'streaming');
  }

  /** Frees what was prepared. Calls fail with THEMIS_CLOSED from then on. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#encoding.close();
    for (const update of this.#updates) update?.close();
    this.#plans.clear();
  }

  /** Null when nothing is wanted. The pattern of the call before is known without being searched. */
  #planFor(present: bigint, wanted: bigint): PreparedProduct | null {
    if (present === this.#recent?.present && wanted === this.#recent.wanted) {
      return this.#recent.plan;
    }
    checkMasks(present, wanted, this.shards);
    if (wanted === 0n) return null;
    const key = (present << BigInt(limits.shardsMax)) | wanted;
    const plan = this.#plans.get(key, () => reconstruction(this.#code, present, wanted));
    this.#recent = { present, wanted, plan };
    return plan;
  }

  #check(slab: Slab, offset: number, stride: number, length: number, stores: Stores): void {
    this.#checkOpen();
    checkStripe(slab, offset, stride, length, this.shards);
    checkStores(stores);
  }

  #checkOpen(): void {
    if (this.#closed) throw new ThemisError('THEMIS_CLOSED', 'The coder was closed. Make another.');
  }
}
