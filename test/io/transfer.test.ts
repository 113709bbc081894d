/** Whole transfers over short calls. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { type FileHandle, SystemError } from '../../src/io/index.js';
import {
  readDamaged,
  readVectorWhole,
  readWhole,
  writeVectorWhole,
  writeWhole,
} from '../../src/io/transfer.js';

/** A file in memory that moves at most `most` bytes a call. */
function shortFile(bytes: Uint8Array, most: number): FileHandle {
  return {
    read(target, targetOffset, length, position) {
      const part = bytes.subarray(position, position + Math.min(length, most));
      target.set(part, targetOffset);
      return part.length;
    },
    write(source, sourceOffset, length, position) {
      const part = source.subarray(sourceOffset, sourceOffset + Math.min(length, most));
      bytes.set(part, position);
      return part.length;
    },
    readVector(targets, position) {
      let left = most;
      let at = position;
      for (const target of targets) {
        const part = bytes.subarray(at, at + Math.min(target.length, left));
        target.set(part);
        at += part.length;
        left -= part.length;
      }
      return at - position;
    },
    writeVector(sources, position) {
      const part = Buffer.concat(sources).subarray(0, most);
      bytes.set(part, position);
      return part.length;
    },
    sync() {},
    truncate() {},
    size: () => bytes.length,
    isNamed: () => true,
    close() {},
  };
}

const content = Uint8Array.from({ length: 100 }, (_, i) => i);

test('short reads and writes are continued', () => {
  for (const most of [1, 7, 100]) {
    const target = new Uint8Array(60);
    assert.is(readWhole(shortFile(content, most), target, 50, 30), 50);
    assert.equal(
      target,
      Uint8Array.from({ length: 60 }, (_, i) => (i < 50 ? 30 + i : 0)),
    );
    assert.is(readWhole(shortFile(content, most), target, 50, 80), 20, 'ends with the file');

    const written = new Uint8Array(100);
    writeWhole(shortFile(written, most), content, 40, 10);
    assert.equal(written.subarray(10, 50), content.subarray(0, 40));
    assert.is(written[50], 0);
  }
});

test('a write without progress ends in THEMIS_IO instead of a loop', () => {
  assert.throws(
    () => writeWhole(shortFile(new Uint8Array(9), 0), content, 9, 0),
    (error: unknown) => codeOf(error) === 'THEMIS_IO',
  );
});

test('unreadable and missing bytes are damage, other errors are errors', () => {
  const failing = (code: 'EIO' | 'EBADF'): FileHandle => ({
    ...shortFile(content, 9),
    read: () => {
      throw new SystemError(code, 'read', '/file', true);
    },
  });
  const target = new Uint8Array(100);
  assert.is(readDamaged(shortFile(content, 9), target, 100, 0), true);
  assert.is(readDamaged(shortFile(content, 9), target, 100, 1), false);
  assert.is(readDamaged(failing('EIO'), target, 100, 0), false);
  assert.throws(
    () => readDamaged(failing('EBADF'), target, 100, 0),
    (error: unknown) => codeOf(error) === 'EBADF',
  );
});

test('short vectors are continued, from the middle of a part', () => {
  for (const most of [1, 7, 100]) {
    const targets = [3, 0, 20, 40].map((length) => new Uint8Array(length));
    assert.is(readVectorWhole(shortFile(content, most), targets, 10), 63);
    assert.equal(Buffer.concat(targets), Buffer.from(content.subarray(10, 73)));
    assert.is(readVectorWhole(shortFile(content, most), targets, 90), 10, 'ends with the file');
    const written = new Uint8Array(100);
    const sources = [content.subarray(0, 5), content.subarray(5, 5), content.subarray(5, 50)];
    writeVectorWhole(shortFile(written, most), sources, 50);
    assert.equal(written.subarray(50), content.subarray(0, 50));
  }
});

test('a vector that makes no progress is an error', () => {
  assert.throws(() => writeVectorWhole(shortFile(new Uint8Array(9), 0), [content], 0), /took none/);
});

test.run();
