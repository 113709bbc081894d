/** Suggestions: close words only. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearestWord } from '../../src/config/nearest.js';

const words = ['durability', 'recovery', 'kernel', 'a'];

test('one or two wrong letters find the word, whatever their case', () => {
  for (const typed of ['durability', 'durabilty', 'Durabillity', 'urability', 'durabiltiy']) {
    assert.is(nearestWord(typed, words), 'durability');
  }
  assert.is(nearestWord('kernl', words), 'kernel');
});

test('words that are not close find nothing', () => {
  for (const typed of ['', 'xyzzy', 'kern', 'recipes everywhere']) {
    const found = nearestWord(typed, words.slice(0, 3));
    assert.is(found, typed === 'kern' ? 'kernel' : null, typed);
  }
  assert.is(nearestWord('x', []), null);
});

test.run();
