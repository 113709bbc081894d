/** What recovery writes: durable, repeatable, and nothing outside its region. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryFileSystem } from '../../src/io/index.js';
import {
  fullSize,
  moveAside,
  repairBlock,
  rewriteRegion,
  saveAside,
  zeroRegion,
} from '../../src/wal/recovery-repair.js';
import { dir, folder } from './log-fixture.js';

const path = `${dir}/log/0000000000000001.wal`;
const segment = { sequence: 1, path, header: null, tag: 1, headerRepair: null };
const length = 1_300_000 - (1_300_000 % 4096);

function filled(): { fs: MemoryFileSystem; bytes: Uint8Array } {
  const fs = folder();
  fs.makeDirectory(`${dir}/log`);
  fs.syncDirectory(dir);
  const bytes = new Uint8Array(length).map((_, i) => 1 + (i % 253));
  const handle = fs.open(path, { access: 'read-write', create: true });
  handle.write(bytes, 0, length, 0);
  handle.sync();
  handle.close();
  fs.syncDirectory(`${dir}/log`);
  return { fs, bytes };
}

test('a saved region is a durable copy, longer than one chunk', () => {
  const { fs, bytes } = filled();
  const aside = saveAside(fs, dir, segment, 4096, length - 10);
  const state = fs.crash('drop-unsynced');
  assert.equal(state.bytesOf(aside), bytes.subarray(4096, length - 10));
  assert.equal(state.bytesOf(path), bytes);
});

test('a segment that moves aside keeps its bytes, and never replaces another', () => {
  const { fs, bytes } = filled();
  const first = saveAside(fs, dir, segment, 0, 100);
  const moved = moveAside(fs, dir, `${dir}/log`, segment);
  assert.is.not(first, moved);
  const state = fs.crash('drop-unsynced');
  assert.equal(state.bytesOf(moved), bytes);
  assert.is(state.stat(path), null);
});

test('zeroing covers whole blocks of the region and nothing else, durably', () => {
  const { fs, bytes } = filled();
  zeroRegion(fs, path, 8192, length - 8000);
  const found = fs.crash('drop-unsynced').bytesOf(path);
  const expected = bytes.slice().fill(0, 8192, length - 4096);
  assert.equal(found, expected);
});

test('rewriting makes what is only in the cache durable', () => {
  const { fs } = filled();
  const handle = fs.open(path, { access: 'read-write' });
  handle.write(new Uint8Array(8192).fill(0xee), 0, 8192, 4096);
  handle.close();
  rewriteRegion(fs, path, 4096, 12288);
  const found = fs.crash('drop-unsynced').bytesOf(path);
  assert.ok(found.subarray(4096, 12288).every((byte) => byte === 0xee));
});

test('a repaired block is durable, and a short file gets its size', () => {
  const { fs } = filled();
  repairBlock(fs, { path, offset: 4096, bytes: new Uint8Array(4096).fill(5) });
  fullSize(fs, path, length + 4096);
  const found = fs.crash('drop-unsynced').bytesOf(path);
  assert.is(found.length, length + 4096);
  assert.ok(found.subarray(4096, 8192).every((byte) => byte === 5));
  assert.ok(found.subarray(length).every((byte) => byte === 0));
});

test.run();
