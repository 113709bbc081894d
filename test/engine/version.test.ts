/** The version is the package's, wherever the process was started. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageVersion } from '../../src/engine/version.js';

test('the version is that of package.json, from another folder, too', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const folder = process.cwd();
  process.chdir(tmpdir());
  try {
    assert.is(packageVersion(), version);
    assert.is(packageVersion(), version);
  } finally {
    process.chdir(folder);
  }
  assert.match(version, /^\d+\.\d+\.\d+/);
});

test.run();
