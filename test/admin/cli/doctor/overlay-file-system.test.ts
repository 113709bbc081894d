/** The overlay keeps the contract of file systems, and keeps every change to itself. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { overlayFileSystem } from '../../../../src/admin/cli/doctor/overlay-file-system.js';
import { readWholeFile } from '../../../../src/admin/cli/read-file.js';
import { type FileSystem, MemoryFileSystem } from '../../../../src/io/index.js';

function write(files: FileSystem, path: string, text: string): void {
  const create = files.stat(path) === null;
  const handle = files.open(path, { access: 'read-write', create });
  handle.write(Buffer.from(text), 0, text.length, 0);
  handle.sync();
  handle.close();
}

function text(files: FileSystem, path: string): string {
  return readWholeFile(files, path).toString('utf8');
}

/** Everything in a file system, by path. */
function everything(files: FileSystem, folder = '/'): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of files.list(folder)) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    if (files.stat(path)?.kind === 'directory') Object.assign(found, everything(files, path));
    else found[path] = text(files, path);
  }
  return found;
}

function below(): MemoryFileSystem {
  const files = new MemoryFileSystem();
  files.makeDirectory('/d');
  files.makeDirectory('/d/e');
  write(files, '/d/a', 'aaa');
  write(files, '/d/e/b', 'bbb');
  return files;
}

test('changes show above and never below', () => {
  const real = below();
  const before = everything(real);
  const files = overlayFileSystem(real);
  assert.equal(everything(files), before);
  write(files, '/d/a', 'A');
  write(files, '/d/new', 'n');
  files.rename('/d/e/b', '/d/c');
  files.makeDirectory('/d/f');
  write(files, '/d/f/x', 'x');
  files.rename('/d/f/x', '/d/f/y');
  assert.equal(everything(files), { '/d/a': 'Aaa', '/d/c': 'bbb', '/d/f/y': 'x', '/d/new': 'n' });
  assert.equal(files.list('/d'), ['a', 'c', 'e', 'f', 'new']);
  files.unlink('/d/new');
  files.removeTree('/d/f');
  files.syncDirectory('/d');
  assert.is(files.stat('/d/f/y'), null);
  assert.equal(files.list('/d'), ['a', 'c', 'e']);
  assert.equal(everything(real), before);
});

test('a folder that was removed does not show what lies below, also when it is made again', () => {
  const files = overlayFileSystem(below());
  files.removeTree('/d/e');
  assert.is(files.stat('/d/e/b'), null);
  files.makeDirectory('/d/e');
  assert.is(files.stat('/d/e/b'), null);
  assert.equal(files.list('/d/e'), []);
});

test('refusals are those of the system', () => {
  const files = overlayFileSystem(below());
  const cases: [string, () => unknown][] = [
    ['ENOENT', () => files.open('/d/absent', { access: 'read' })],
    ['ENOENT', () => files.open('/absent/x', { access: 'read-write', create: true })],
    ['EEXIST', () => files.open('/d/a', { access: 'read-write', create: true })],
    ['EISDIR', () => files.open('/d/e', { access: 'read' })],
    ['ENOENT', () => files.list('/absent')],
    ['ENOTDIR', () => files.list('/d/a')],
    ['EEXIST', () => files.makeDirectory('/d/e')],
    ['ENOENT', () => files.makeDirectory('/absent/x')],
    ['ENOENT', () => files.rename('/d/absent', '/d/x')],
    ['EISDIR', () => files.rename('/d/a', '/d/e')],
    ['ENOENT', () => files.unlink('/d/absent')],
    ['EISDIR', () => files.unlink('/d/e')],
    ['ENOENT', () => files.syncDirectory('/absent')],
  ];
  for (const [code, work] of cases) {
    assert.throws(work, (error: Error) => Reflect.get(error, 'code') === code, code);
  }
});

test('space is that of the disk, also for folders that are not on it', () => {
  const files = overlayFileSystem(new MemoryFileSystem({ capacityBytes: 8192 }));
  files.makeDirectory('/new');
  assert.is(files.space('/new').totalBytes, 8192);
});

test.run();
