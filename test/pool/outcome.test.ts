/** Outcomes: values and errors that cross a thread's border keep what callers compare. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ErrorCode, errorCodes, ThemisError } from '../../src/base/index.js';
import { failure, outcomeOf, outcomeValue } from '../../src/pool/index.js';

function thrown(work: () => unknown): ThemisError {
  try {
    work();
  } catch (error) {
    if (error instanceof ThemisError) return error;
    throw error;
  }
  throw new RangeError('nothing was thrown');
}

test('a value crosses, also one that is falsy, sync or not', async () => {
  for (const value of [0, null, undefined, '', { deep: [1] }]) {
    const sync = structuredClone(await outcomeOf(() => value));
    const later = structuredClone(await outcomeOf(async () => value));
    assert.equal(outcomeValue(sync, 'task'), value);
    assert.equal(outcomeValue(later, 'task'), value);
  }
});

test('each error of Themis crosses with its code, its message and where it came from', async () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const outcome = await outcomeOf(() => {
      throw new ThemisError(code, `about ${code}`);
    });
    const error = thrown(() => outcomeValue(structuredClone(outcome), 'task'));
    assert.is(error.code, code);
    assert.is(error.message, `about ${code}`);
    assert.is(error.retryable, errorCodes[code].retryable);
    assert.match(String((error.cause as { stack?: string }).stack), 'outcome.test');
  }
});

test('another error becomes THEMIS_TASK_FAILED that names the task, the code and the cause', () => {
  const system = Object.assign(new TypeError('no such file'), { code: 'ENOENT' });
  const error = thrown(() => outcomeValue(structuredClone(failure(system)), 'audit-state'));
  assert.is(error.code, 'THEMIS_TASK_FAILED');
  assert.match(error.message, 'audit-state');
  assert.match(error.message, 'ENOENT: no such file');
  assert.is((error.cause as { code?: string }).code, 'ENOENT');
});

test('what is thrown and is no error crosses, too', async () => {
  const outcome = await outcomeOf(() => Promise.reject('just text'));
  const error = thrown(() => outcomeValue(structuredClone(outcome), 'task'));
  assert.is(error.code, 'THEMIS_TASK_FAILED');
  assert.match(error.message, 'just text');
});

test('a name that every object has is not taken for a code', () => {
  const odd = Object.assign(new TypeError('x'), { code: 'toString' });
  assert.is(thrown(() => outcomeValue(failure(odd), 'task')).code, 'THEMIS_TASK_FAILED');
});

test.run();
