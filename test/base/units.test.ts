/** Units and rounding, against their definition. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignUp, GiB, KiB, MiB } from '../../src/base/index.js';

test('units are powers of 1024', () => {
  assert.equal([KiB, MiB, GiB], [2 ** 10, 2 ** 20, 2 ** 30]);
});

test('rounding up gives the least multiple that is not below, also above 2^32', () => {
  const step = fc.nat(20).map((power) => 2 ** power);
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.nat(1000), step, (low, high, by) => {
      const value = high * 2 ** 32 + low;
      const rounded = alignUp(value, by);
      assert.is(rounded % by, 0);
      assert.ok(rounded >= value && rounded - value < by);
    }),
  );
});

test.run();
