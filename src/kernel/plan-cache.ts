/**
 * Prepared reconstructions, by which shards are present and which wanted. A device that is lost
 * makes one pattern repeat for every stripe. The least recently used go when their coefficients
 * or they themselves become too many.
 */
import type { PreparedProduct, ShardProduct } from './coding-kernel.js';

interface Entry {
  readonly prepared: PreparedProduct;
  readonly coefficients: number;
}

export class PlanCache {
  readonly #plansMax: number;
  readonly #coefficientsMax: number;
  readonly #prepare: (product: ShardProduct) => PreparedProduct;
  /** In order of use: a Map iterates as its keys were inserted. */
  readonly #entries = new Map<bigint, Entry>();
  #coefficients = 0;

  constructor(
    { plansMax, coefficientsMax }: { readonly plansMax: number; readonly coefficientsMax: number },
    prepare: (product: ShardProduct) => PreparedProduct,
  ) {
    this.#plansMax = plansMax;
    this.#coefficientsMax = coefficientsMax;
    this.#prepare = prepare;
  }

  /** What was prepared under this key; otherwise `make` says what to prepare. */
  get(key: bigint, make: () => ShardProduct): PreparedProduct {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.prepared;
    }
    const product = make();
    const coefficients = product.coefficients.length;
    this.#evict(this.#plansMax - 1, this.#coefficientsMax - coefficients);
    const prepared = this.#prepare(product);
    this.#entries.set(key, { prepared, coefficients });
    this.#coefficients += coefficients;
    return prepared;
  }

  /** Frees everything. */
  clear(): void {
    this.#evict(0, 0);
  }

  /** Frees the least recently used until no more than so many, of so many coefficients, are kept. */
  #evict(plansMax: number, coefficientsMax: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= plansMax && this.#coefficients <= coefficientsMax) return;
      this.#entries.delete(key);
      this.#coefficients -= entry.coefficients;
      entry.prepared.close();
    }
  }
}
