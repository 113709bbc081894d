/** Assertions: what they let through, and what they say when they do not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assert as check, isThemisError, must, unreachable } from '../../src/base/index.js';

function thrown(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

test('a true condition passes; a false one says what was stated', () => {
  check(true, 'never seen');
  const error = thrown(() => check(false, 'the ring is full'));
  assert.ok(isThemisError(error, 'THEMIS_ASSERTION'));
  assert.match(error.message, 'the ring is full');
});

test('only null and undefined are missing', () => {
  for (const value of [0, '', false, Number.NaN]) assert.equal(must(value, 'there'), value);
  for (const value of [null, undefined]) {
    const error = thrown(() => must(value, 'the superblock'));
    assert.ok(isThemisError(error, 'THEMIS_ASSERTION'));
    assert.match(error.message, 'the superblock');
  }
});

test('a variant that nobody thought of is named', () => {
  const error = thrown(() => unreachable({ kind: 'new' } as never));
  assert.ok(isThemisError(error, 'THEMIS_ASSERTION'));
  assert.match(error.message, '"kind":"new"');
});

test.run();
