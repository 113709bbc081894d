/** Any matrix over any choice of up to twelve shards, and a slab to apply it to. */
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { ShardProduct } from '../../src/kernel/coding-kernel.js';
import { type CodingKernel, naiveCoding, Slab } from '../../src/kernel/index.js';

interface ProductCase {
  readonly product: ShardProduct;
  /** Shard i is 50 bytes from 3 + 50 i on. */
  readonly content: Uint8Array;
  /** Up to 50. */
  readonly length: number;
}

const shards = 12;

const shardProducts: fc.Arbitrary<ProductCase> = fc
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

/** What a kernel does with such a product is what the oracle does, byte for byte. */
export function assertProducts(kernel: CodingKernel): void {
  fc.assert(
    fc.property(shardProducts, ({ product, content, length }) => {
      const [mine, theirs] = [Slab.allocate(content.length), Slab.allocate(content.length)];
      mine.bytes.set(content);
      theirs.bytes.set(content);
      const [prepared, oracle] = [kernel.prepare(product), naiveCoding.prepare(product)];
      assert.is(prepared.verify(mine, 3, 50, length), oracle.verify(theirs, 3, 50, length));
      prepared.multiplyAdd(mine, 3, 50, length);
      oracle.multiplyAdd(theirs, 3, 50, length);
      assert.equal(mine.bytes, theirs.bytes);
      prepared.multiply(mine, 3, 50, length, false);
      oracle.multiply(theirs, 3, 50, length, false);
      assert.equal(mine.bytes, theirs.bytes);
      mine.close();
      theirs.close();
    }),
    { numRuns: 100 },
  );
}
