/** The window slides forward, reads each byte about once, and knows what it could not read. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FaultyFileSystem, type FileHandle, type FileSystem } from '../../src/io/index.js';
import { SegmentWindow } from '../../src/wal/segment-window.js';
import { dir, folder } from './log-fixture.js';

const path = `${dir}/file`;
const fileBytes = 10 * 4096;

function fileWith(length = fileBytes): ReturnType<typeof folder> {
  const fs = folder();
  const handle = fs.open(path, { access: 'read-write', create: true });
  const bytes = new Uint8Array(length).map((_, i) => 1 + (i % 251));
  handle.write(bytes, 0, length, 0);
  handle.close();
  return fs;
}

function windowOver(fs: FileSystem, memory: number): { window: SegmentWindow; file: FileHandle } {
  const window = new SegmentWindow(new Uint8Array(memory));
  const file = fs.open(path, { access: 'read' });
  window.attach(file);
  return { window, file };
}

function assertRange(window: SegmentWindow, at: number, offset: number, length: number): void {
  for (let i = 0; i < length; i++) assert.is(window.bytes[at + i], 1 + ((offset + i) % 251));
}

test('any range is what the file has, loaded in order with little memory', () => {
  const { window } = windowOver(fileWith(), 4 * 4096);
  for (const [offset, length] of [
    [0, 100],
    [4096, 9000],
    [8192, 4096],
    [8192, 16384],
    [36864, 4096],
    [0, 16384],
  ] as const) {
    assertRange(window, window.load(offset, length, fileBytes), offset, length);
  }
});

test('a scan reads every byte once', () => {
  const faulty = new FaultyFileSystem(fileWith());
  const { window } = windowOver(faulty, 4 * 4096);
  for (let offset = 0; offset + 8192 <= fileBytes; offset += 4096) {
    assertRange(window, window.load(offset, 8192, fileBytes), offset, 8192);
  }
  assert.ok(faulty.calls().filter(({ operation }) => operation === 'read').length <= 5);
});

test('nothing past the limit is read, and later a higher limit shows what came', () => {
  const fs = fileWith();
  const { window } = windowOver(fs, 8 * 4096);
  window.load(0, 4096, 8192);
  fs.overwrite(path, new Uint8Array(4096).fill(0xff), 8192);
  const at = window.load(8192, 4096, fileBytes);
  assert.is(window.bytes[at], 0xff);
});

test('short reads are continued, and one failed call is made again in blocks', () => {
  const faulty = new FaultyFileSystem(fileWith());
  const { window } = windowOver(faulty, 8 * 4096);
  faulty.inject({ operation: 'read', error: 'short-read', nth: 1 });
  assertRange(window, window.load(0, 16384, fileBytes), 0, 16384);
  faulty.inject({ operation: 'read', error: 'EIO', nth: 1 });
  assertRange(window, window.load(32768, 8192, fileBytes), 32768, 8192);
  assert.not(window.isUnreadable(32768, 8192));
});

test('blocks that stay unreadable are zero and known', () => {
  const faulty = new FaultyFileSystem(fileWith());
  const { window } = windowOver(faulty, 8 * 4096);
  // The whole read fails, then the second block of it.
  faulty.inject({ operation: 'read', error: 'EIO', nth: 1 });
  faulty.inject({ operation: 'read', error: 'EIO', nth: 3 });
  const at = window.load(0, 16384, 16384);
  assert.not(window.isUnreadable(0, 4096));
  assert.ok(window.isUnreadable(0, 4097));
  assert.ok(window.isUnreadable(4096, 1));
  assert.not(window.isUnreadable(8192, 8192));
  assertRange(window, at, 0, 4096);
  assert.ok(window.bytes.subarray(at + 4096, at + 8192).every((byte) => byte === 0));
  assertRange(window, at + 8192, 8192, 8192);
});

test('what a short file does not have is unreadable, not zero data', () => {
  const { window } = windowOver(fileWith(5000), 8 * 4096);
  const at = window.load(4096, 4096, fileBytes);
  assertRange(window, at, 4096, 904);
  assert.not(window.isUnreadable(4096, 904));
  assert.ok(window.isUnreadable(4096, 905));
});

test('errors other than EIO are thrown', () => {
  const faulty = new FaultyFileSystem(fileWith());
  const { window } = windowOver(faulty, 8 * 4096);
  faulty.inject({ operation: 'read', error: 'EINVAL', nth: 1 });
  assert.throws(() => window.load(0, 4096, fileBytes), /EINVAL/);
});

test.run();
