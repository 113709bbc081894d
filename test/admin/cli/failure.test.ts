/** How errors are shown. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failureJson, failureLine, failureStack } from '../../../src/admin/cli/failure.js';
import { ThemisError } from '../../../src/base/index.js';

const cause = new RangeError('the disk said no');
const error = new ThemisError('THEMIS_IO', 'two\n  lines', cause);

test('a failure is one line with its code, whatever the message holds', () => {
  assert.is(failureLine(error), 'themis: THEMIS_IO: two lines: the disk said no\n');
  assert.is(failureLine(new RangeError('plain')), 'themis: plain\n');
  assert.is(failureLine('thrown text'), 'themis: thrown text\n');
});

test('as JSON it has code, message and exit code', () => {
  assert.equal(JSON.parse(failureJson(error, 1)), {
    error: { code: 'THEMIS_IO', message: 'two\n  lines: the disk said no', exitCode: 1 },
  });
  assert.is(JSON.parse(failureJson('x', 1)).error.code, null);
});

test('the stack goes down to the causes', () => {
  const stack = failureStack(error);
  assert.match(stack, /ThemisError: two/);
  assert.match(stack, /caused by RangeError: the disk said no/);
});

test.run();
