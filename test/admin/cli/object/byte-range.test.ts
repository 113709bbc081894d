/** Ranges as HTTP has them. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byteSpan } from '../../../../src/admin/cli/object/byte-range.js';
import { codeOf } from '../../../../src/base/index.js';

test('both ends count, and what is behind the end is cut', () => {
  const cases: [string, number, [number, number]][] = [
    ['0-0', 10, [0, 1]],
    ['0-1023', 10, [0, 10]],
    ['3-5', 10, [3, 6]],
    [' 3- ', 10, [3, 10]],
    ['-4', 10, [6, 10]],
    ['-400', 10, [0, 10]],
    ['-0', 10, [10, 10]],
    ['-5', 0, [0, 0]],
  ];
  for (const [text, length, [start, end]] of cases) {
    assert.equal(byteSpan(text, length), { start, end }, text);
  }
});

test('everything else is refused', () => {
  for (const text of [
    '',
    '-',
    'a-b',
    '1',
    '5-3',
    '10-',
    '0x1-2',
    '1-2-3',
    '1.5-2',
    `${10n ** 20n}-`,
  ]) {
    let code: string | undefined;
    try {
      byteSpan(text, 10);
    } catch (error) {
      code = codeOf(error);
    }
    assert.is(code, 'THEMIS_USAGE', text);
  }
});

test('a part lies within the value', () => {
  const number = fc.nat(2000);
  fc.assert(
    fc.property(number, number, fc.integer({ min: 1, max: 1000 }), (first, more, length) => {
      fc.pre(first < length);
      const { start, end } = byteSpan(`${first}-${first + more}`, length);
      assert.ok(start === first && end > start && end <= length);
      assert.is(end - start, Math.min(more + 1, length - first));
    }),
  );
});

test.run();
