/** Handles of the memory twin: alignment, room, lost syncs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryFile } from '../../src/io/memory-file.js';
import { MemoryFileHandle, type SpaceAccount } from '../../src/io/memory-file-handle.js';

const unlimited: SpaceAccount = {
  fit: (_file, length) => length,
  resized: () => undefined,
  names: () => true,
};

test('a direct file refuses a buffer whose offset cannot be aligned', () => {
  const options = { access: 'read-write', sync: 'direct' } as const;
  const handle = new MemoryFileHandle(unlimited, new MemoryFile(), '/f', options);
  const memory = new Uint8Array(12_288);
  assert.is(handle.write(memory, 4_096, 4_096, 0), 4_096);
  assert.throws(() => handle.write(memory.subarray(1), 0, 4_096, 0), /EINVAL/);
  assert.throws(() => handle.read(memory, 1, 4_096, 0), /EINVAL/);
  assert.is(handle.write(memory.subarray(1), 4_095, 4_096, 4_096), 4_096);
});

test('the account hears of every length, and of an unlinked file’s last close', () => {
  const heard: string[] = [];
  const account: SpaceAccount = {
    fit: (_file, length) => Math.min(length, 8_192),
    resized: (from, to) => heard.push(`${from}-${to}`),
    names: () => true,
  };
  const file = new MemoryFile();
  const options = { access: 'read-write' } as const;
  const first = new MemoryFileHandle(account, file, '/f', options);
  const second = new MemoryFileHandle(account, file, '/f', options);
  assert.is(first.write(new Uint8Array(10_000), 0, 10_000, 0), 8_192);
  first.truncate(100);
  first.write(new Uint8Array(10), 0, 10, 0);
  file.linked = false;
  first.close();
  second.close();
  assert.equal(heard, ['0-8192', '8192-100', '100-100', '100-0']);
});

test('loseUnsynced makes the next sync succeed without the data', () => {
  const file = new MemoryFile();
  const handle = new MemoryFileHandle(unlimited, file, '/f', { access: 'read-write' });
  handle.write(Uint8Array.of(1), 0, 1, 0);
  handle.loseUnsynced();
  handle.sync();
  const target = new Uint8Array(1);
  handle.read(target, 0, 1, 0);
  assert.equal([...target], [1]);
  file.settle('keep-all');
  handle.read(target, 0, 1, 0);
  assert.equal([...target], [0]);
});

test.run();
