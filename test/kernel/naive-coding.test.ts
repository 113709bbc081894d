/** The oracle against an example computed by hand; the contract compares all others with it. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { naiveCoding, Slab } from '../../src/kernel/index.js';

/** Targets 2 and 3 are 2 a + b and a + 0x80 b. */
const product = {
  coefficients: Uint8Array.of(2, 1, 1, 0x80),
  sources: Uint16Array.of(0, 1),
  targets: Uint16Array.of(2, 3),
};

test('sums of products: 2 x 0x80 is 0x1d, and 0x80 x 2 as well', () => {
  const prepared = naiveCoding.prepare(product);
  const slab = Slab.allocate(20);
  slab.bytes.set([0, 0x80, 0x01, 0, 0x0f, 0x02]);
  prepared.multiply(slab, 1, 3, 2, false);
  assert.equal([...slab.bytes.subarray(0, 12)], [0, 0x80, 1, 0, 15, 2, 0, 0x12, 0, 0, 0x53, 0x1c]);
  assert.is(prepared.verify(slab, 1, 3, 2), -1);
  slab.bytes[11] = 0;
  assert.is(prepared.verify(slab, 1, 3, 2), 1);
  prepared.multiplyAdd(slab, 1, 3, 2);
  assert.equal([...slab.bytes.subarray(6, 12)], [0, 0, 0, 0, 0, 0x1c]);
});

test.run();
