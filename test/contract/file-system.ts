/** What every FileSystem promises, as a suite to be called once per implementation. */

import * as assert from 'uvu/assert';
import { alignedBytes, type FileHandle, type FileSystem } from '../../src/io/index.js';
import type { Register } from './register.js';

export interface FileSystemHarness {
  readonly files: FileSystem;
  /** An existing, empty folder. */
  readonly root: string;
  /** False where the machine's file system does not know O_DIRECT. */
  readonly direct: boolean;
  /** What a power cut now would leave at least, or null where that cannot be asked. */
  afterPowerCut(): FileSystem | null;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const create = { access: 'read-write', create: true } as const;

function put(files: FileSystem, path: string, value: string): void {
  const handle = files.open(path, create);
  const bytes = text(value);
  assert.is(handle.write(bytes, 0, bytes.length, 0), bytes.length);
  handle.close();
}

function contents(files: FileSystem, path: string): Uint8Array {
  const handle = files.open(path, { access: 'read' });
  const bytes = new Uint8Array(handle.size());
  for (let done = 0; done < bytes.length; ) {
    const count = handle.read(bytes, done, bytes.length - done, done);
    assert.ok(count > 0, 'no early end');
    done += count;
  }
  handle.close();
  return bytes;
}

function shown(files: FileSystem, path: string): string {
  return new TextDecoder().decode(contents(files, path));
}

function fails(code: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, Error);
    assert.is(Reflect.get(error as Error, 'code'), code);
    return;
  }
  assert.unreachable(`expected ${code}`);
}

export function fileSystemContract(
  test: Register,
  name: string,
  make: () => FileSystemHarness,
): void {
  contentsContract(test, name, make);
  lengthContract(test, name, make);
  namesContract(test, name, make);
  refusalsContract(test, name, make);
  durabilityContract(test, name, make);
}

function contentsContract(test: Register, name: string, make: () => FileSystemHarness): void {
  test(`${name}: bytes come back from where they were written, zeros from the gaps`, () => {
    const { files, root } = make();
    const handle = files.open(`${root}/a`, create);
    assert.is(handle.write(text('..tail..'), 2, 4, 10_000), 4);
    assert.is(handle.write(text('head'), 0, 4, 0), 4);
    const expected = new Uint8Array(10_004);
    expected.set(text('head'));
    expected.set(text('tail'), 10_000);
    assert.equal(contents(files, `${root}/a`), expected);
    assert.is(handle.size(), 10_004);
    const target = new Uint8Array(8).fill(1);
    assert.is(handle.read(target, 3, 4, 10_001), 3, 'short at the end');
    assert.equal([...target], [1, 1, 1, 97, 105, 108, 1, 1]);
    assert.is(handle.read(target, 0, 8, 10_004), 0, 'nothing at the end');
    assert.is(handle.read(target, 0, 8, 20_000), 0, 'nothing behind it');
    handle.close();
  });

  test(`${name}: overwriting across block borders replaces exactly those bytes`, () => {
    const { files, root } = make();
    const handle = files.open(`${root}/a`, create);
    const model = new Uint8Array(20_000);
    for (const [position, length, byte] of [
      [0, 20_000, 1],
      [4_090, 12, 2],
      [511, 2, 3],
      [8_192, 4_096, 0],
      [4_096, 8_192, 4],
    ] as const) {
      const bytes = new Uint8Array(length).fill(byte);
      model.set(bytes, position);
      assert.is(handle.write(bytes, 0, length, position), length);
    }
    handle.close();
    assert.equal(contents(files, `${root}/a`), model);
  });

  test(`${name}: buffers over shared memory work, and are copied at the call`, () => {
    const { files, root } = make();
    for (const buffer of [
      new Uint8Array(new SharedArrayBuffer(64), 8, 32),
      alignedBytes(64, { shared: true }).subarray(8, 40),
      alignedBytes(64).subarray(8, 40),
    ]) {
      const handle = files.open(`${root}/a`, create);
      buffer.fill(7);
      assert.is(handle.write(buffer, 1, 30, 0), 30);
      buffer.fill(0);
      assert.is(handle.read(buffer, 2, 30, 0), 30);
      assert.equal([...buffer], [0, 0, ...new Array<number>(30).fill(7)]);
      handle.close();
      files.unlink(`${root}/a`);
    }
  });

  test(`${name}: vectors are written and read in order, and end with the file`, () => {
    const { files, root } = make();
    const handle = files.open(`${root}/a`, create);
    const sources = ['ab', '', 'cde', 'f'].map(text);
    assert.is(handle.writeVector(sources, 3), 6);
    assert.equal(contents(files, `${root}/a`), text('\0\0\0abcdef'));
    const targets = [1, 0, 4, 3].map((length) => new Uint8Array(length).fill(33));
    assert.is(handle.readVector(targets, 4), 5);
    assert.equal(
      targets.map((bytes) => new TextDecoder().decode(bytes)),
      ['b', '', 'cdef', '!!!'],
    );
    assert.is(handle.readVector(targets, 9), 0);
    for (const position of [-1, 0.5, Number.NaN]) {
      fails('EINVAL', () => handle.writeVector(sources, position));
      fails('EINVAL', () => handle.readVector(targets, position));
    }
    handle.close();
    fails('EBADF', () => handle.writeVector(sources, 0));
    fails('EBADF', () => handle.readVector(targets, 0));
    const reader = files.open(`${root}/a`, { access: 'read' });
    fails('EBADF', () => reader.writeVector(sources, 0));
    reader.close();
  });

  test(`${name}: an open file outlives its name`, () => {
    const { files, root } = make();
    put(files, `${root}/a`, 'old');
    const handle = files.open(`${root}/a`, { access: 'read-write' });
    assert.is(handle.isNamed(), true);
    files.unlink(`${root}/a`);
    assert.is(handle.isNamed(), false);
    assert.is(files.stat(`${root}/a`), null);
    put(files, `${root}/a`, 'new');
    assert.is(handle.isNamed(), false, 'another file has its name');
    assert.is(handle.write(text('OL'), 0, 2, 0), 2);
    const target = new Uint8Array(3);
    assert.is(handle.read(target, 0, 3, 0), 3);
    assert.equal(target, text('OLd'));
    assert.is(shown(files, `${root}/a`), 'new');
    handle.close();
  });
}

function lengthContract(test: Register, name: string, make: () => FileSystemHarness): void {
  test(`${name}: truncate cuts, extends with zeros, and forgets what it cut`, () => {
    const { files, root } = make();
    const handle = files.open(`${root}/a`, create);
    const bytes = new Uint8Array(9_000).fill(5);
    handle.write(bytes, 0, bytes.length, 0);
    handle.truncate(4_100);
    assert.is(handle.size(), 4_100);
    handle.truncate(9_000);
    const expected = new Uint8Array(9_000);
    expected.fill(5, 0, 4_100);
    assert.equal(contents(files, `${root}/a`), expected);
    assert.equal(files.stat(`${root}/a`), { kind: 'file', bytes: 9_000 });
    handle.truncate(0);
    assert.is(contents(files, `${root}/a`).length, 0);
    handle.close();
  });

  test(`${name}: space is a whole with a free part`, () => {
    const { files, root } = make();
    const { freeBytes, totalBytes } = files.space(root);
    assert.ok(freeBytes > 0 && freeBytes <= totalBytes);
    files.makeDirectory(`${root}/d`);
    const inFolder = files.space(`${root}/d`).fileSystemId;
    assert.is(inFolder, files.space(root).fileSystemId, 'one file system has one id');
    fails('ENOENT', () => files.space(`${root}/missing`));
  });
}

function namesContract(test: Register, name: string, make: () => FileSystemHarness): void {
  test(`${name}: folders list their names sorted`, () => {
    const { files, root } = make();
    assert.equal(files.list(root), []);
    for (const child of ['b', 'a10', 'a9', 'Z']) put(files, `${root}/${child}`, child);
    files.makeDirectory(`${root}/d`);
    put(files, `${root}/d/inner`, '');
    assert.equal(files.list(root), ['Z', 'a10', 'a9', 'b', 'd']);
    assert.equal(files.stat(`${root}/d`), { kind: 'directory', bytes: 0 });
    assert.equal(files.stat(`${root}/b`), { kind: 'file', bytes: 1 });
    assert.is(files.stat(`${root}/missing`), null);
    assert.is(files.stat(`${root}/missing/deep`), null);
  });

  test(`${name}: rename moves, replaces, and leaves handles alone`, () => {
    const { files, root } = make();
    files.makeDirectory(`${root}/d`);
    put(files, `${root}/a`, 'A');
    put(files, `${root}/d/b`, 'B');
    const replaced = files.open(`${root}/d/b`, { access: 'read' });
    files.rename(`${root}/a`, `${root}/d/b`);
    assert.equal(files.list(root), ['d']);
    assert.is(shown(files, `${root}/d/b`), 'A');
    const target = new Uint8Array(1);
    replaced.read(target, 0, 1, 0);
    assert.equal(target, text('B'));
    replaced.close();
    files.rename(`${root}/d`, `${root}/e`);
    files.rename(`${root}/e/b`, `${root}/e/b`);
    assert.is(shown(files, `${root}/e/b`), 'A');
    files.makeDirectory(`${root}/empty`);
    files.rename(`${root}/e`, `${root}/empty`);
    assert.equal(files.list(`${root}/empty`), ['b']);
  });

  test(`${name}: removeTree removes everything below, and nothing when absent`, () => {
    const { files, root } = make();
    files.makeDirectory(`${root}/d`);
    files.makeDirectory(`${root}/d/e`);
    put(files, `${root}/d/e/f`, 'F');
    put(files, `${root}/d/g`, 'G');
    put(files, `${root}/kept`, 'K');
    files.removeTree(`${root}/d`);
    files.removeTree(`${root}/d`);
    assert.equal(files.list(root), ['kept']);
  });
}

function refusalsContract(test: Register, name: string, make: () => FileSystemHarness): void {
  test(`${name}: names that are wrong are refused with the system's code`, () => {
    const { files, root } = make();
    put(files, `${root}/f`, 'F');
    files.makeDirectory(`${root}/d`);
    files.makeDirectory(`${root}/d/full`);
    put(files, `${root}/d/full/x`, 'X');
    const at = (path: string): string => `${root}/${path}`;
    const table: readonly (readonly [string, () => unknown])[] = [
      ['ENOENT', () => files.open(at('missing'), { access: 'read-write' })],
      ['ENOENT', () => files.open(at('missing/f'), create)],
      ['EEXIST', () => files.open(at('f'), create)],
      ['EEXIST', () => files.open(at('d'), create)],
      ['EISDIR', () => files.open(at('d'), { access: 'read-write' })],
      ['ENOTDIR', () => files.open(at('f/x'), { access: 'read' })],
      ['ENOENT', () => files.list(at('missing'))],
      ['ENOTDIR', () => files.list(at('f'))],
      ['ENOTDIR', () => files.stat(at('f/x'))],
      ['EEXIST', () => files.makeDirectory(at('d'))],
      ['EEXIST', () => files.makeDirectory(at('f'))],
      ['ENOENT', () => files.makeDirectory(at('missing/d'))],
      ['ENOENT', () => files.unlink(at('missing'))],
      ['EISDIR', () => files.unlink(at('d'))],
      ['ENOENT', () => files.rename(at('missing'), at('x'))],
      ['ENOENT', () => files.rename(at('f'), at('missing/x'))],
      ['EISDIR', () => files.rename(at('f'), at('d'))],
      ['ENOTDIR', () => files.rename(at('d'), at('f'))],
      ['EINVAL', () => files.rename(at('d'), at('d/full/inside'))],
      ['ENOTEMPTY', () => files.rename(at('d/full'), at('d'))],
      ['ENOENT', () => files.syncDirectory(at('missing'))],
      ['ENOTDIR', () => files.syncDirectory(at('f'))],
    ];
    for (const [code, work] of table) fails(code, work);
    assert.equal(files.list(root), ['d', 'f'], 'nothing changed');
    assert.is(shown(files, at('f')), 'F');
  });

  test(`${name}: handles refuse what they were not opened for`, () => {
    const { files, root } = make();
    put(files, `${root}/f`, 'F');
    const reader = files.open(`${root}/f`, { access: 'read' });
    fails('EBADF', () => reader.write(text('x'), 0, 1, 0));
    fails('EINVAL', () => reader.truncate(0));
    reader.close();
    const use: readonly ((handle: FileHandle) => unknown)[] = [
      (handle) => handle.read(new Uint8Array(1), 0, 1, 0),
      (handle) => handle.write(new Uint8Array(1), 0, 1, 0),
      (handle) => handle.sync(),
      (handle) => handle.truncate(1),
      (handle) => handle.size(),
      (handle) => handle.isNamed(),
      (handle) => handle.close(),
    ];
    const closed = files.open(`${root}/f`, { access: 'read-write' });
    closed.close();
    // The system may give the closed file's number to this one.
    const other = files.open(`${root}/g`, create);
    for (const call of use) fails('EBADF', () => call(closed));
    assert.is(other.write(text('G'), 0, 1, 0), 1);
    other.close();
    assert.is(shown(files, `${root}/g`), 'G');
    assert.is(shown(files, `${root}/f`), 'F');
  });

  test(`${name}: ranges outside the buffer or the file are refused`, () => {
    const { files, root } = make();
    const handle = files.open(`${root}/f`, create);
    const buffer = new Uint8Array(10);
    for (const [offset, length, position] of [
      [-1, 1, 0],
      [0, -1, 0],
      [0, 11, 0],
      [10, 1, 0],
      [0, 1, -1],
      [0, 1, 0.5],
      [0, Number.NaN, 0],
    ] as const) {
      fails('EINVAL', () => handle.write(buffer, offset, length, position));
      fails('EINVAL', () => handle.read(buffer, offset, length, position));
    }
    for (const length of [-1, 0.5, Number.NaN]) fails('EINVAL', () => handle.truncate(length));
    assert.is(handle.write(buffer, 10, 0, 0), 0);
    assert.is(handle.size(), 0);
    handle.close();
  });
}

function durabilityContract(test: Register, name: string, make: () => FileSystemHarness): void {
  test(`${name}: what was synced is there after a power cut`, () => {
    const { files, root, afterPowerCut } = make();
    const synced = files.open(`${root}/synced`, create);
    synced.write(text('synced'), 0, 6, 0);
    synced.sync();
    synced.close();
    const through = files.open(`${root}/through`, { ...create, sync: 'dsync' });
    through.write(text('through'), 0, 7, 0);
    through.close();
    files.syncDirectory(root);
    const left = afterPowerCut() ?? files;
    assert.equal(left.list(root), ['synced', 'through']);
    assert.is(shown(left, `${root}/synced`), 'synced');
    assert.is(shown(left, `${root}/through`), 'through');
  });

  test(`${name}: synced names are there after a power cut, renames and removals too`, () => {
    const { files, root, afterPowerCut } = make();
    put(files, `${root}/old`, '');
    put(files, `${root}/gone`, '');
    files.syncDirectory(root);
    files.makeDirectory(`${root}/d`);
    files.rename(`${root}/old`, `${root}/d/new`);
    files.unlink(`${root}/gone`);
    files.syncDirectory(`${root}/d`);
    files.syncDirectory(root);
    const left = afterPowerCut() ?? files;
    assert.equal(left.list(root), ['d']);
    assert.equal(left.list(`${root}/d`), ['new']);
  });

  test(`${name}: direct files take whole aligned blocks only`, () => {
    const { files, root, direct, afterPowerCut } = make();
    if (!direct) {
      fails('EINVAL', () => files.open(`${root}/f`, { ...create, sync: 'direct' }));
      return;
    }
    const handle = files.open(`${root}/f`, { ...create, sync: 'direct' });
    const buffer = alignedBytes(12_288, { shared: true });
    buffer.fill(9);
    assert.is(handle.write(buffer, 4_096, 8_192, 4_096), 8_192);
    fails('EINVAL', () => handle.write(buffer, 0, 100, 0));
    fails('EINVAL', () => handle.write(buffer, 100, 4_096, 0));
    fails('EINVAL', () => handle.write(buffer, 0, 4_096, 100));
    assert.is(handle.read(buffer, 0, 4_096, 0), 4_096);
    assert.is(buffer[0], 0);
    assert.is(handle.read(buffer, 0, 8_192, 8_192), 4_096, 'short at the end');
    const parts = [buffer.subarray(8_192), buffer.subarray(0, 4_096)];
    parts[0]?.fill(5);
    parts[1]?.fill(6);
    assert.is(handle.writeVector(parts, 4_096), 8_192);
    fails('EINVAL', () => handle.writeVector([buffer.subarray(0, 100)], 0));
    fails('EINVAL', () => handle.writeVector(parts, 100));
    buffer.fill(0);
    assert.is(handle.readVector(parts, 4_096), 8_192);
    assert.equal([parts[0]?.[0], parts[1]?.[0]], [5, 6]);
    handle.close();
    files.syncDirectory(root);
    const left = contents(afterPowerCut() ?? files, `${root}/f`);
    assert.is(left.length, 12_288);
    assert.is(left[4_095], 0);
    assert.is(left[4_096], 5);
    assert.is(left[12_287], 6);
  });
}
