/** The self-test passes what is right and stops each way of being wrong. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kernel, naiveKernel, portableKernel } from '../../src/kernel/index.js';
import { selfTest } from '../../src/kernel/self-test.js';

/** A kernel that is right except where `spoil` says otherwise. */
function spoiled(spoil: (crc: number, length: number, seed: number) => number): Kernel {
  return {
    ...portableKernel,
    crc32c: (bytes, offset, length, seed) =>
      spoil(portableKernel.crc32c(bytes, offset, length, seed), length, seed),
  };
}

test('the oracle and the portable kernel pass', () => {
  assert.is(selfTest(naiveKernel), null);
  assert.is(selfTest(portableKernel), null);
});

test('a kernel that is wrong by one bit, or only for some lengths, is caught', () => {
  assert.match(selfTest(spoiled((crc) => (crc ^ 1) >>> 0)) ?? '', /CRC32C of 0+ is 8a9136aa/);
  assert.match(selfTest(spoiled((crc, n) => (n > 8_000 ? 0 : crc))) ?? '', /8221 bytes/);
  assert.match(selfTest(spoiled((crc, n) => (n === 63 ? 0 : crc))) ?? '', /63 bytes/);
});

test('a kernel whose ranges are wrong is caught', () => {
  const kernel: Kernel = {
    ...portableKernel,
    crc32cRanges(bytes, ranges, count, results) {
      portableKernel.crc32cRanges(bytes, ranges, count, results);
      results[count - 1] = 0;
    },
  };
  assert.match(selfTest(kernel) ?? '', /range 11 is wrong: 00000000/);
});

test.run();
