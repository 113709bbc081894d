/** Widths, cutting, escaping. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fit, pad, plain, printable, textWidth, wrap } from '../../../src/admin/cli/text-width.js';

const red = '\u001b[31mred\u001b[39m';

test('colours take no room, wide characters two, marks none', () => {
  const cases: [string, number][] = [
    ['', 0],
    ['abc', 3],
    [red, 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['한글', 4],
    ['😀', 2],
    ['a\u200bb', 2],
    ['über', 4],
  ];
  for (const [text, width] of cases) assert.is(textWidth(text), width, JSON.stringify(text));
  assert.is(plain(red), 'red');
});

test('fit never exceeds the width, and leaves alone what fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, width) => {
      const cut = fit(text, width);
      assert.ok(textWidth(cut) <= width || textWidth(text) <= width);
      if (textWidth(text) <= width) assert.is(cut, text);
    }),
  );
  assert.is(fit('abcdef', 4), 'abc…');
  assert.is(fit('日本語', 4), '日…');
  assert.is(fit('abc', 0), '');
});

test('pad fills on the side asked for and cuts nothing', () => {
  assert.is(pad('ab', 4, 'left'), 'ab  ');
  assert.is(pad('ab', 4, 'right'), '  ab');
  assert.is(pad('abcdef', 4, 'right'), 'abcdef');
  assert.is(pad(red, 5, 'left'), `${red}  `);
});

test('printable shows text as it is and everything else as escapes', () => {
  assert.is(printable(Buffer.from('Grüße 日本')), 'Grüße 日本');
  assert.is(printable(Buffer.from('a\tb\n\u001b[31m')), 'a\\x09b\\x0a\\x1b[31m');
  assert.is(printable(Buffer.from([0xff, 0x41, 0x00])), '\\xffA\\x00');
  assert.is(printable(Buffer.from('\\x41')), '\\\\x41');
});

test('two different values never look alike', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      if (Buffer.compare(a, b) !== 0) assert.is.not(printable(a), printable(b));
    }),
    { numRuns: 2000 },
  );
});

test('what is printed moves no cursor', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.not.match(printable(bytes), /\p{Control}/u);
    }),
  );
});

test('wrap keeps all words in order and within the width where words allow it', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three']);
  assert.equal(wrap('extraordinary x', 5), ['extraordinary', 'x']);
  assert.equal(wrap('  ', 5), []);
});

test.run();
