/** Ranges of keys; how flags become one is seen in scan.test.ts. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { afterPrefix } from '../../../src/admin/cli/key-range.js';

test('the end of a prefix is behind all that begin with it, and before all others', () => {
  const bytes = fc.uint8Array({ maxLength: 4 });
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      const end = afterPrefix(prefix);
      const begins = Buffer.compare(key.subarray(0, prefix.length), prefix) === 0;
      const isInside =
        Buffer.compare(key, prefix) >= 0 && (end === undefined || Buffer.compare(key, end) < 0);
      assert.is(isInside, begins);
    }),
    { numRuns: 5000 },
  );
  assert.is(afterPrefix(Buffer.from([255, 255])), undefined);
  assert.equal(afterPrefix(Buffer.from([1, 255])), Buffer.from([2]));
});

test.run();
