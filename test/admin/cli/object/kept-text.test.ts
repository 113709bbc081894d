/** How a value is kept, in a word. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fragmentsText, keptText } from '../../../../src/admin/cli/object/kept-text.js';

test('every kind has its word', () => {
  const large = (data: number, parity: number) => ({
    large: { blob: 1, data, parity, stripes: 1, fragments: data + parity, present: data },
  });
  assert.is(keptText({ large: null }), 'inline');
  assert.is(keptText(large(8, 3)), '8+3');
  assert.is(keptText(large(1, 2)), '3 copies');
  assert.is(keptText(large(1, 0)), '1 copy');
  assert.is(fragmentsText(large(4, 2)), '4 of 6');
  assert.is(fragmentsText({ large: null }), '-');
});

test.run();
