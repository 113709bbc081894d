/** Bars. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bar, gauge, renderBars } from '../../../src/admin/cli/chart.js';
import { textWidth } from '../../../src/admin/cli/text-width.js';

test('a bar has eight steps a column', () => {
  assert.is(bar(8, 8, 4), '████');
  assert.is(bar(1, 8, 1), '▏');
  assert.is(bar(4, 8, 1), '▌');
  assert.is(bar(0, 8, 4), '');
  assert.is(bar(1, 0, 4), '');
  assert.is(bar(20, 8, 2), '██', 'never longer than its room');
  assert.is(bar(1e-9, 1, 10), '▏', 'something is more than nothing');
});

test('a longer value never has a shorter bar, and a gauge always fills its width', () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(ratio, ratio, fc.integer({ min: 1, max: 30 }), (a, b, width) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(textWidth(bar(small, 1, width)) <= textWidth(bar(large, 1, width)));
      assert.is(textWidth(gauge(a, width)), width);
    }),
  );
});

test('a chart aligns labels and texts, and fits its terminal', () => {
  const rows = [
    { label: 'p50', value: 1, text: '1 ms' },
    { label: 'p99.9', value: 4, text: '4 ms' },
  ];
  assert.is(renderBars(rows, 24), 'p50    1 ms  ██▊\np99.9  4 ms  ███████████\n');
  assert.is(renderBars(rows, 12), 'p50    1 ms\np99.9  4 ms\n', 'no room, no bars');
  assert.ok(
    renderBars(rows, Number.POSITIVE_INFINITY, '  ').startsWith('  p50    1 ms  ██████████\n'),
  );
});

test.run();
