/** Exit codes of errors. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exitCodeMeanings, exitCodeOf, exitCodes } from '../../../src/admin/cli/exit-codes.js';
import { type ErrorCode, ThemisError } from '../../../src/base/index.js';

test('errors end with the code that is documented for them', () => {
  const cases: [ErrorCode, number][] = [
    ['THEMIS_USAGE', 2],
    ['THEMIS_CONFIG_INVALID', 2],
    ['THEMIS_KEY_TOO_LARGE', 2],
    ['THEMIS_VALUE_TOO_LARGE', 2],
    ['THEMIS_LOG_CORRUPT', 3],
    ['THEMIS_LOG_UNKNOWN', 3],
    ['THEMIS_SNAPSHOT_CORRUPT', 3],
    ['THEMIS_STATE_CORRUPT', 3],
    ['THEMIS_BLOB_LOST', 3],
    ['THEMIS_DEVICES_TOO_FEW', 1],
    ['THEMIS_KEY_NOT_FOUND', 4],
    ['THEMIS_ABORTED', 130],
    ['LEVEL_LOCKED', 1],
    ['THEMIS_FOLDER_INVALID', 1],
    ['THEMIS_DISK_FULL', 1],
    ['THEMIS_ASSERTION', 1],
  ];
  for (const [code, exit] of cases) assert.is(exitCodeOf(new ThemisError(code, '')), exit, code);
  assert.is(exitCodeOf(new RangeError('x')), 1);
  assert.is(exitCodeOf(undefined), 1);
});

test('every code has a meaning of its own', () => {
  const codes = Object.values(exitCodes);
  assert.is(new Set(codes).size, codes.length);
  assert.is(new Set(codes.map((code) => exitCodeMeanings[code])).size, codes.length);
});

test.run();
