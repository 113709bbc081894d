/** Open files are found by what they are, not by the path they were opened by. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileIdentity, isOpenHere } from '../../src/io/open-files.js';

test('a file is open from its open to its last close, by any of its names', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-open-'));
  try {
    const file = path.join(folder, 'a');
    const alias = path.join(folder, 'b');
    assert.is(isOpenHere(file), false, 'absent');
    assert.is(fileIdentity(file), null);
    fs.writeFileSync(file, '');
    fs.symlinkSync(file, alias);
    assert.is(fileIdentity(alias), fileIdentity(file));
    assert.is.not(fileIdentity(folder), fileIdentity(file));
    const one = fs.openSync(alias, 'r');
    const two = fs.openSync(file, 'r');
    assert.ok(isOpenHere(file) && isOpenHere(alias));
    fs.closeSync(one);
    assert.ok(isOpenHere(file));
    fs.closeSync(two);
    assert.not.ok(isOpenHere(file));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test.run();
