/** Errors in the system’s shape. */
import * as fs from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isInjected, SystemError } from '../../src/io/index.js';

test('a SystemError reads like the system’s own', () => {
  const path = '/themis-missing/file';
  try {
    fs.openSync(path, 'r');
    assert.unreachable('the file is missing');
  } catch (error) {
    assert.instance(error, Error);
    const own = new SystemError('ENOENT', 'open', path);
    for (const key of ['code', 'syscall', 'path', 'message']) {
      assert.is(Reflect.get(own, key), Reflect.get(error as Error, key), key);
    }
    assert.is(isInjected(error), false);
    assert.is(isInjected(own), false);
  }
});

test('an injected error says so', () => {
  const error = new SystemError('EIO', 'sync', '/f', true);
  assert.is(isInjected(error), true);
  assert.match(error.message, /injected/);
  assert.is(isInjected(null), false);
});

test.run();
