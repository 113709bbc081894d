/** The self-test passes what is right and stops each way of being wrong. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PreparedProduct } from '../../src/kernel/coding-kernel.js';
import { codingSelfTest } from '../../src/kernel/coding-self-test.js';
import { type CodingKernel, naiveCoding, portableCoding } from '../../src/kernel/index.js';

/** A kernel that is right except where `spoil` says otherwise. */
function spoiled(spoil: (right: PreparedProduct) => Partial<PreparedProduct>): CodingKernel {
  return {
    name: 'spoiled',
    prepare(product) {
      const right = portableCoding.prepare(product);
      return { ...right, ...spoil(right) };
    },
  };
}

const wrongs: readonly (readonly [string, CodingKernel])[] = [
  ['3+2: parity 0 is wrong', spoiled(() => ({ multiply() {} }))],
  [
    'lost data comes back wrong',
    spoiled((right) => ({
      multiply(slab, offset, stride, length, streaming) {
        right.multiply(slab, offset, stride, length, streaming);
        const at = offset + length - 1;
        if (streaming) slab.bytes[at] = (slab.bytes[at] as number) ^ 1;
      },
    })),
  ],
  [
    '17+3: parity 0 is wrong',
    spoiled((right) => ({
      multiply(slab, offset, stride, length, streaming) {
        right.multiply(slab, offset, stride, Math.min(length, 1_047), streaming);
      },
    })),
  ],
  ['parity with checksums is wrong', spoiled(() => ({ multiplyChecksums() {} }))],
  [
    'checksum 4 is wrong',
    spoiled((right) => ({
      multiplyChecksums(slab, offset, stride, length, streaming, block, results) {
        right.multiplyChecksums(slab, offset, stride, length, streaming, block, results);
        results[4] = 0;
      },
    })),
  ],
  ['verification is wrong', spoiled(() => ({ verify: () => -1 }))],
  ['verification is wrong', spoiled(() => ({ verify: () => 0 }))],
  ['an update is wrong', spoiled(() => ({ multiplyAdd() {} }))],
];

test('the oracle and the portable kernel pass', () => {
  assert.is(codingSelfTest(naiveCoding), null);
  assert.is(codingSelfTest(portableCoding), null);
});

for (const [failure, kernel] of wrongs) {
  test(`caught: ${failure}`, () => {
    const found = codingSelfTest(kernel) ?? 'nothing';
    assert.ok(found.includes(failure), found);
  });
}

test.run();
