/** Files that get their name when they are whole. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../../../src/admin/cli/object/target-file.js';
import { codeOf } from '../../../../src/base/index.js';
import { MemoryFileSystem, nodeFileSystem } from '../../../../src/io/index.js';

function contents(files: MemoryFileSystem): string {
  return Buffer.from(files.bytesOf('/out')).toString();
}

test('a power cut leaves the old file or the new one', () => {
  const files = new MemoryFileSystem();
  const old = files.open('/out', { access: 'read-write', create: true, sync: 'dsync' });
  old.write(Buffer.from('old'), 0, 3, 0);
  files.syncDirectory('/');
  const target = openTarget(files, '/out');
  target.write(Buffer.from('new '));
  target.write(Buffer.from('bytes'));
  assert.is(contents(files.crash('drop-unsynced')), 'old');
  target.finish();
  target.close();
  assert.is(contents(files.crash('drop-unsynced')), 'new bytes');
});

test('what is not finished leaves nothing, and what was left by another is no hindrance', () => {
  const files = new MemoryFileSystem();
  files.open(`/out.${process.pid}.partial`, { access: 'read-write', create: true }).close();
  const target = openTarget(files, '/out');
  target.write(Buffer.from('half'));
  target.close();
  assert.equal(files.list('/'), []);
});

test('folders and paths below nothing are refused', () => {
  const files = new MemoryFileSystem();
  files.makeDirectory('/d');
  for (const path of ['/d', '/absent/file']) {
    let code: string | undefined;
    try {
      openTarget(files, path);
    } catch (error) {
      code = codeOf(error);
    }
    assert.is(code, 'THEMIS_USAGE', path);
  }
});

test('what is neither file nor folder is written as it is', () => {
  const target = openTarget(nodeFileSystem(), '/dev/null');
  target.write(Buffer.from('anything'));
  target.finish();
  target.close();
  assert.is(nodeFileSystem().stat('/dev/null')?.kind, 'other');
});

test.run();
