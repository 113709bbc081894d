/** Rejections of tasks become errors with a code. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { asThemisError } from '../../src/shard/task-error.js';

test('typed errors stay as they are, others name what was done', () => {
  const typed = new ThemisError('THEMIS_OVERLOADED', 'busy');
  assert.is(asThemisError(typed, 'reading'), typed);
  const other = asThemisError(new RangeError('out of range'), 'reading a value');
  assert.is(other.code, 'THEMIS_TASK_FAILED');
  assert.match(other.message, 'reading a value failed: out of range');
  assert.ok(other.cause instanceof RangeError);
});

test.run();
