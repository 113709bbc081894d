/** Errors: the registry keeps its order and its form; errors carry what the registry says. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  codeOf,
  type ErrorCode,
  errorCodes,
  isThemisError,
  messageOf,
  ThemisError,
} from '../../src/base/index.js';

const codes = Object.keys(errorCodes) as ErrorCode[];

test('codes are in the order of the alphabet and each says when it is raised', () => {
  assert.equal(codes, [...codes].sort());
  const source = readFileSync('src/base/errors.ts', 'utf8');
  for (const code of codes) {
    assert.match(code, /^(?:LEVEL|THEMIS)(?:_[A-Z]+)+$/);
    assert.match(source, new RegExp(`^  ${code}: \\{ retryable: \\w+ \\}, // .+\\.$`, 'm'));
  }
});

test('an error carries its code, whether to retry, and its cause', () => {
  for (const code of codes) {
    const cause = new RangeError('below');
    const error = new ThemisError(code, 'what, and what to do', cause);
    assert.instance(error, Error);
    assert.is(error.name, 'ThemisError');
    assert.is(error.code, code);
    assert.is(error.retryable, errorCodes[code].retryable);
    assert.is(error.cause, cause);
    assert.not('cause' in new ThemisError(code, 'alone'));
  }
});

test('a ThemisError is known by its class and, if asked for, by its code', () => {
  const error = new ThemisError('THEMIS_IO', 'x');
  assert.ok(isThemisError(error));
  assert.ok(isThemisError(error, 'THEMIS_IO'));
  assert.not(isThemisError(error, 'THEMIS_CLOSED'));
  assert.not(isThemisError({ code: 'THEMIS_IO' }));
  assert.not(isThemisError(null));
});

test('code and message of anything that can be thrown', () => {
  assert.is(codeOf(Object.assign(new TypeError('x'), { code: 'EIO' })), 'EIO');
  for (const value of [null, undefined, 'EIO', 5, {}, { code: 5 }]) {
    assert.is(codeOf(value), undefined);
  }
  assert.is(messageOf(new TypeError('text')), 'text');
  assert.is(messageOf('text'), 'text');
  assert.is(messageOf(undefined), 'undefined');
});

test.run();
