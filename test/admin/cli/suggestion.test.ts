/** Did you mean. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, editDistance, nearest } from '../../../src/admin/cli/suggestion.js';

test('the distance counts inserts, deletes, replacements and swaps', () => {
  const cases: [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['limit', 'limit', 0],
    ['limt', 'limit', 1],
    ['lmiit', 'limit', 1],
    ['limits', 'limit', 1],
    ['kitten', 'sitting', 3],
  ];
  for (const [a, b, distance] of cases) assert.is(editDistance(a, b), distance, `${a} ${b}`);
});

test('the distance is symmetric, and zero only for equal words', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      assert.is(editDistance(a, b), editDistance(b, a));
      assert.is(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});

test('only a word that is near is suggested', () => {
  const known = ['durability', 'limit', 'dir'];
  assert.is(nearest('durabilty', known), 'durability');
  assert.is(nearest('Limit', known), 'limit');
  assert.is(nearest('drr', known), 'dir');
  assert.is(nearest('xyz', known), null);
  assert.is(didYouMean('limt', known), ' (did you mean "limit"?)');
  assert.is(didYouMean('completely-else', known), '');
});

test.run();
