/** What is used stays, what is not goes first, bounds hold, and what goes is closed. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PreparedProduct, ShardProduct } from '../../src/kernel/coding-kernel.js';
import { naiveCoding } from '../../src/kernel/index.js';
import { PlanCache } from '../../src/kernel/plan-cache.js';

/** A product with so many coefficients. */
function productOf(coefficients: number): ShardProduct {
  return {
    coefficients: new Uint8Array(coefficients),
    sources: Uint16Array.from({ length: coefficients }, (_, i) => i + 1),
    targets: Uint16Array.of(0),
  };
}

interface Counted {
  readonly cache: PlanCache;
  /** Sizes of what was prepared, and of what was closed, in their order. */
  readonly prepared: number[];
  readonly closed: number[];
}

function counted(plansMax: number, coefficientsMax: number): Counted {
  const prepared: number[] = [];
  const closed: number[] = [];
  const prepare = (product: ShardProduct): PreparedProduct => {
    const { length } = product.coefficients;
    prepared.push(length);
    return { ...naiveCoding.prepare(product), close: () => closed.push(length) };
  };
  return { cache: new PlanCache({ plansMax, coefficientsMax }, prepare), prepared, closed };
}

test('a plan is prepared once and found again under its key', () => {
  const { cache, prepared } = counted(10, 100);
  const first = cache.get(1n, () => productOf(3));
  assert.is(
    cache.get(1n, () => assert.unreachable('made again') as never),
    first,
  );
  assert.is.not(
    cache.get(2n, () => productOf(4)),
    first,
  );
  assert.equal(prepared, [3, 4]);
});

test('the least recently used plan makes room, by number', () => {
  const { cache, closed } = counted(2, 100);
  cache.get(1n, () => productOf(1));
  cache.get(2n, () => productOf(2));
  cache.get(1n, () => productOf(1));
  cache.get(3n, () => productOf(3));
  assert.equal(closed, [2]);
  cache.get(4n, () => productOf(4));
  assert.equal(closed, [2, 1]);
});

test('the least recently used plans make room, by coefficients', () => {
  const { cache, closed } = counted(10, 20);
  for (const size of [5, 6, 7]) cache.get(BigInt(size), () => productOf(size));
  assert.equal(closed, []);
  cache.get(9n, () => productOf(9));
  assert.equal(closed, [5, 6]);
  cache.get(20n, () => productOf(20));
  assert.equal(closed, [5, 6, 7, 9]);
});

test('clearing closes everything, and the cache can be used again', () => {
  const { cache, prepared, closed } = counted(10, 100);
  for (const size of [1, 2]) cache.get(BigInt(size), () => productOf(size));
  cache.clear();
  assert.equal(closed, [1, 2]);
  cache.get(1n, () => productOf(1));
  assert.equal(prepared, [1, 2, 1]);
});

test('a refused product leaves the cache as it was', () => {
  const { cache, prepared } = counted(10, 100);
  const failing = (): never => {
    throw new RangeError('refused');
  };
  assert.throws(() => cache.get(1n, failing), 'refused');
  cache.get(1n, () => productOf(1));
  assert.equal(prepared, [1]);
});

test.run();
