/** Any matrix over any choice of up to twelve shards, and a slab to apply it to. */
import * as fc from 'fast-check';
import type { ShardProduct } from '../../src/kernel/coding-kernel.js';

export interface ProductCase {
  readonly product: ShardProduct;
  /** Shard i is 50 bytes from 3 + 50 i on. */
  readonly content: Uint8Array;
  /** Up to 50. */
  readonly length: number;
}

const shards = 12;

export const shardProducts: fc.Arbitrary<ProductCase> = fc
  .record({
    order: fc.shuffledSubarray(
      Array.from({ length: shards }, (_, i) => i),
      { minLength: 2 },
    ),
    split: fc.nat(),
    coefficients: fc.uint8Array({ minLength: shards * shards, maxLength: shards * shards }),
    content: fc.uint8Array({ minLength: 3 + 50 * shards, maxLength: 3 + 50 * shards }),
    length: fc.nat(50),
  })
  .map(({ order, split, coefficients, content, length }) => {
    const count = 1 + (split % (order.length - 1));
    const sources = Uint16Array.from(order.slice(0, count));
    const targets = Uint16Array.from(order.slice(count));
    return {
      product: {
        coefficients: coefficients.slice(0, sources.length * targets.length),
        sources,
        targets,
      },
      content,
      length,
    };
  });
