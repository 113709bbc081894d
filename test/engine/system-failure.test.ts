/** The system's errors made typed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { systemFailure } from '../../src/engine/system-failure.js';
import { SystemError } from '../../src/io/index.js';

test('a full disk and any other error of the system are told apart, with the cause', () => {
  for (const [code, expected] of [
    ['ENOSPC', 'THEMIS_DISK_FULL'],
    ['EIO', 'THEMIS_IO'],
    ['EINVAL', 'THEMIS_IO'],
  ] as const) {
    const cause = new SystemError(code, 'write', '/data/superblock');
    const failure = systemFailure('Opening /data', cause);
    assert.ok(isThemisError(failure, expected), code);
    assert.is(failure.cause, cause);
    assert.match(failure.message, /Opening \/data failed .*(free space|check the disk)/);
  }
});

test('typed errors and defects stay what they are', () => {
  const typed = new ThemisError('THEMIS_CLOSED', 'It is closed; open it again.');
  const defect = Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const error of [typed, defect, new RangeError('bad')]) {
    assert.is(systemFailure('Opening', error), error);
  }
});

test.run();
