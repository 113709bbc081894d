/** GF(2^8) keeps the laws of a field for all elements, and is the field of 0x11d. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inverse, product } from '../../src/kernel/galois-field.js';
import { gfProduct } from './addon-coders.js';

const elements = Array.from({ length: 256 }, (_, i) => i);

test('products are those of the definition, and commute', () => {
  for (const a of elements) {
    for (const b of elements) {
      const expected = gfProduct(a, b);
      if (product(a, b) !== expected) assert.unreachable(`${a} x ${b} is ${expected}`);
      if (product(b, a) !== expected) assert.unreachable(`${b} x ${a} is ${expected}`);
    }
  }
});

test('products distribute over sums and associate, for all triples', () => {
  for (const a of elements) {
    for (const b of elements) {
      const ab = product(a, b);
      for (let c = 0; c < 256; c++) {
        const ac = product(a, c);
        if (product(a, b ^ c) !== (ab ^ ac)) assert.unreachable(`${a} x (${b} + ${c})`);
        if (product(ab, c) !== product(b, ac)) assert.unreachable(`${a} x ${b} x ${c}`);
      }
    }
  }
});

test('1 is neutral, and every element but 0 has exactly one inverse', () => {
  for (const a of elements) assert.is(product(1, a), a);
  const inverses = elements.slice(1).map(inverse);
  for (const [i, other] of inverses.entries()) assert.is(product(i + 1, other), 1);
  assert.is(new Set(inverses).size, 255);
});

test.run();
