/** Snappy decompression: every kind of element, and no output from malformed input. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { snappyDecompress } from '../../src/metadata/snappy.js';

const text = (input: readonly number[], most = 1000) => {
  const output = snappyDecompress(Uint8Array.from(input), most);
  return output === null ? null : Buffer.from(output).toString('latin1');
};
const abcd = [97, 98, 99, 100];

test('literals and copies of every form are expanded', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['', [0]],
    ['abcd', [4, 3 << 2, ...abcd]],
    ['abcd', [4, 60 << 2, 3, ...abcd]],
    ['abcd', [4, 61 << 2, 3, 0, ...abcd]],
    ['abcd', [4, 62 << 2, 3, 0, 0, ...abcd]],
    ['abcd', [4, 63 << 2, 3, 0, 0, 0, ...abcd]],
    ['abcdabcd', [8, 3 << 2, ...abcd, 1, 4]],
    ['abcdbcd', [7, 3 << 2, ...abcd, (2 << 2) | 2, 3, 0]],
    ['abcdc', [5, 3 << 2, ...abcd, 3, 2, 0, 0, 0]],
    ['abcddddddddd', [12, 3 << 2, ...abcd, (7 << 2) | 2, 1, 0]],
  ];
  for (const [expected, input] of cases) assert.is(text(input), expected);
});

test('copies from far away use the high bits of the offset', () => {
  const literal = Array.from({ length: 600 }, (_, i) => 32 + (i % 90));
  const start = String.fromCharCode(...literal.slice(0, 4));
  const input = [
    0xdc,
    0x04,
    61 << 2,
    599 & 255,
    599 >> 8,
    ...literal,
    ((600 >> 8) << 5) | 1,
    600 & 255,
  ];
  assert.is(text(input)?.slice(600), start);
});

test('malformed input gives null', () => {
  const cases = [
    [],
    [4],
    [4, 3 << 2, 97],
    [3, 3 << 2, ...abcd],
    [5, 3 << 2, ...abcd],
    [8, 3 << 2, ...abcd, 1, 0],
    [8, 3 << 2, ...abcd, 1, 5],
    [8, 3 << 2, ...abcd, 1],
    [6, 3 << 2, ...abcd, 1, 4],
    [4, 3 << 2, ...abcd, 0],
  ];
  for (const input of cases) assert.is(text(input), null, String(input));
  assert.is(text([4, 3 << 2, ...abcd], 3), null, 'more than the caller takes');
});

test('no input makes it throw or return more than it says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
      const output = snappyDecompress(input, 10_000);
      assert.ok(output === null || output.length <= 10_000);
    }),
  );
});

test.run();
