/** Portable coding over any product, not only those of a Coder. The contract is in coder.test.ts. */

import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { naiveCoding, portableCoding, Slab } from '../../src/kernel/index.js';
import { shardProducts } from '../contract/shard-products.js';

test('equals the oracle for any matrix and any choice of shards', () => {
  fc.assert(
    fc.property(shardProducts, ({ product, content, length }) => {
      const [mine, theirs] = [Slab.allocate(content.length), Slab.allocate(content.length)];
      mine.bytes.set(content);
      theirs.bytes.set(content);
      const [prepared, oracle] = [portableCoding.prepare(product), naiveCoding.prepare(product)];
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
});

test.run();
