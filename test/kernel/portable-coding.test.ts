/** Portable coding over any product, not only those of a Coder. The contract is in coder.test.ts. */
import { test } from 'uvu';
import { portableCoding } from '../../src/kernel/index.js';
import { assertProducts } from '../contract/shard-products.js';

test('equals the oracle for any matrix and any choice of shards', () => {
  assertProducts(portableCoding);
});

test.run();
