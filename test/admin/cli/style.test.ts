/** Colours on and off. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createStyle } from '../../../src/admin/cli/style.js';
import { plain } from '../../../src/admin/cli/text-width.js';

test('without colour every style is the text itself', () => {
  const style = createStyle(false);
  for (const paint of [style.bold, style.good, style.warn, style.bad]) {
    assert.is(paint('text'), 'text');
  }
});

test('with colour every style differs and ends what it began', () => {
  const style = createStyle(true);
  const all = [style.bold, style.good, style.warn, style.bad].map((one) => one('text'));
  assert.is(new Set(all).size, all.length);
  for (const text of all) {
    assert.is(plain(text), 'text');
    assert.not.ok(text.endsWith('text'), 'the style is switched off again');
  }
});

test.run();
