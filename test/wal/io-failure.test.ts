/** System errors get a code of Themis; everything else passes through. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { SystemError } from '../../src/io/index.js';
import { ioFailure } from '../../src/wal/io-failure.js';

test('a system error becomes THEMIS_IO with the cause and what failed', () => {
  const cause = new SystemError('EIO', 'read', '/f');
  const failure = ioFailure('Reading', cause);
  assert.ok(isThemisError(failure, 'THEMIS_IO'));
  if (!isThemisError(failure)) return;
  assert.is(failure.cause, cause);
  assert.match(failure.message, /^Reading failed \(.*EIO/);
});

test('typed errors and errors without a code stay as they are', () => {
  const typed = new ThemisError('THEMIS_DISK_FULL', 'full');
  const plain = new RangeError('plain');
  assert.is(ioFailure('x', typed), typed);
  assert.is(ioFailure('x', plain), plain);
});

test.run();
