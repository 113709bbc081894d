/** Whole files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWholeFile } from '../../../src/admin/cli/read-file.js';
import { codeOf } from '../../../src/base/index.js';
import { type FileSystem, MemoryFileSystem, nodeFileSystem } from '../../../src/io/index.js';
import { Machine } from './in-process.js';

test('files of all sizes come back whole', () => {
  const machine = new Machine();
  for (const length of [0, 1, 4095, 4096, 300_000]) {
    const bytes = Buffer.alloc(length, 'themis');
    machine.write(`/work/${length}`, bytes);
    assert.equal(readWholeFile(machine.files, `/work/${length}`), bytes);
  }
});

test('short reads and sizes that are not true lose nothing', () => {
  const inner = new MemoryFileSystem();
  const bytes = Buffer.alloc(200_000, 'abcdefg');
  const target = inner.open('/f', { access: 'read-write', create: true });
  target.write(bytes, 0, bytes.length, 0);
  target.close();
  const liar: FileSystem = Object.assign(Object.create(inner), {
    open(path: string) {
      const handle = inner.open(path, { access: 'read' });
      return {
        read: (into: Uint8Array, at: number, length: number, position: number) =>
          handle.read(into, at, Math.min(length, 777), position),
        size: () => 0,
        close: () => handle.close(),
      };
    },
  });
  assert.equal(readWholeFile(liar, '/f'), bytes);
});

test('files below /proc, which say that they are empty, are read', () => {
  if (process.platform !== 'linux') return;
  const text = readWholeFile(nodeFileSystem(), '/proc/self/mounts').toString('utf8');
  assert.match(text, / \/proc /);
});

test('an absent file is the system’s error', () => {
  try {
    readWholeFile(new MemoryFileSystem(), '/absent');
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'ENOENT');
  }
});

test.run();
