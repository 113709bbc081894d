/** Lists of fragments as words. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FragmentList, listedFragment, listLength } from '../../src/device/fragment-list.js';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const fragment = fc.record({
  blob: fc.maxSafeNat(),
  stripe: word,
  number: fc.nat(255),
  offset: word.map((block) => block * 4_096),
  bytes: word,
  digest: word,
});

test('rows come back as they were pushed, however many', () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 200 }), (fragments) => {
      const list = new FragmentList();
      for (const one of fragments) list.push(one);
      assert.is(list.length, fragments.length);
      const rows = list.rows();
      assert.is(listLength(rows), fragments.length);
      assert.equal(
        fragments.map((_, row) => listedFragment(rows, row)),
        fragments.map((one) => ({ ...one })),
      );
    }),
  );
});

test.run();
