/** The argument checks of file calls, over every small combination. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkLength, checkPosition, checkRange } from '../../src/io/file-range.js';

test('checkRange takes exactly the ranges inside a buffer of three bytes', () => {
  const buffer = new Uint8Array(3);
  const values = [-1, 0, 1, 2, 3, 4, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
  for (const offset of values) {
    for (const length of values) {
      for (const position of [...values, 2 ** 53]) {
        const whole = [offset, length, position].every(Number.isSafeInteger);
        const valid = whole && offset >= 0 && length >= 0 && offset + length <= 3 && position >= 0;
        const check = (): void => checkRange('read', '/f', buffer, offset, length, position);
        if (valid) check();
        else assert.throws(check, /EINVAL/, `${offset} ${length} ${position}`);
      }
    }
  }
});

test('checkPosition takes whole positions only', () => {
  for (const position of [0, 1, 2 ** 53 - 1]) checkPosition('read', '/f', position);
  for (const position of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => checkPosition('write', '/f', position), /EINVAL/);
  }
});

test('checkLength takes whole lengths only', () => {
  for (const length of [0, 1, 2 ** 53 - 1]) checkLength('/f', length);
  for (const length of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => checkLength('/f', length), /EINVAL/);
  }
});

test.run();
