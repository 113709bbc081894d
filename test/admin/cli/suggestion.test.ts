/** Did you mean. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean } from '../../../src/admin/cli/suggestion.js';

test('only a word that is near is suggested', () => {
  const known = ['durability', 'limit', 'dir'];
  assert.is(didYouMean('limt', known), ' (did you mean "limit"?)');
  assert.is(didYouMean('Durabilty', known), ' (did you mean "durability"?)');
  assert.is(didYouMean('completely-else', known), '');
  assert.is(didYouMean('x', []), '');
});

test.run();
