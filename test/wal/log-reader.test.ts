/** The reader shows what recovery shows, follows the writer, and refuses damage. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import { LogReader, positionOf } from '../../src/wal/log-reader.js';
import { segmentDataOffset, segmentName } from '../../src/wal/segment.js';
import {
  append,
  assertContents,
  dir,
  folder,
  kernel,
  type NamedRecord,
  namesOf,
  openLog,
  recover,
  run,
  segmentBytes,
} from './log-fixture.js';

const first = segmentBytes + segmentDataOffset;

function readerOf(fileSystem: FileSystem, position: number): LogReader {
  const staging = new Uint8Array(64 * 1024);
  return new LogReader({ fileSystem, directory: dir, kernel, segmentBytes, staging }, position);
}

function readAll(reader: LogReader, limit: number): NamedRecord[] {
  const found: NamedRecord[] = [];
  while (
    reader.next(limit, ({ stream, index, payload }) => {
      found.push({ stream, index, payload: payload.slice() });
    })
  );
  return found;
}

test('a reader shows what recovery shows, over all segments, without marks', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 25; i++) {
    append(writer, [...run(1, i, [5000]), ...run(2, i, [i])]);
    if (i % 7 === 0) writer.mark();
  }
  const reader = readerOf(fs, first);
  const found = readAll(reader, writer.position);
  assertContents(found);
  assert.equal(namesOf(found), namesOf(recover(fs).found));
  assert.is(reader.position, writer.position);
  reader.close();
});

test('a reader follows a log that is being written, and never looks past the limit', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  const reader = readerOf(fs, first);
  assert.equal(readAll(reader, writer.position), []);
  for (let i = 1; i <= 30; i++) {
    const before = writer.position;
    append(writer, run(1, i, [4500]));
    assert.equal(readAll(reader, before), []);
    assert.equal(namesOf(readAll(reader, writer.position)), [`1/${i}`]);
  }
  assert.ok(writer.status().segments > 2);
  reader.close();
});

test('a reader starts at a batch that a record named', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 12; i++) append(writer, run(1, i, [9000]));
  const positions: number[] = [];
  const all = readerOf(fs, first);
  while (all.next(writer.position, (record) => positions.push(record.batchPosition)));
  all.close();
  assert.is(positions.length, 12);
  for (const [i, position] of positions.entries()) {
    const reader = readerOf(fs, position);
    assert.is(readAll(reader, writer.position).length, 12 - i);
    reader.close();
  }
});

test('positionOf finds the segment in which a stream reaches an index', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 30; i++) append(writer, run(1, i, [6000]));
  append(writer, run(4, 1, [10]));
  const { tail } = recover(fs).recovered;
  for (const index of [1, 7, 15, 30]) {
    const reader = readerOf(fs, positionOf(tail, segmentBytes, 1, index));
    const names = namesOf(readAll(reader, writer.position));
    assert.ok(names.includes(`1/${index}`));
    assert.ok(names.length <= 30 - index + 8);
    reader.close();
  }
  assert.is(positionOf(tail, segmentBytes, 1, 31), writer.position);
  assert.is(positionOf(tail, segmentBytes, 4, 1), tail.sequence * segmentBytes + segmentDataOffset);
});

test('a damaged batch is an error with its place, and the position stays before it', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 3; i++) append(writer, run(1, i, [1000]));
  const path = `${dir}/log/${segmentName(1)}`;
  for (const [offset, bit] of [
    [5, 1],
    [70, 2],
    [900, 3],
  ] as const) {
    const state = fs.clone();
    state.flipBit(path, segmentDataOffset + 4096 + offset, bit);
    const reader = readerOf(state, first);
    assert.is(
      reader.next(writer.position, () => undefined),
      true,
    );
    for (let attempt = 0; attempt < 2; attempt++) {
      let code = '';
      try {
        reader.next(writer.position, () => undefined);
      } catch (error) {
        code = isThemisError(error) && error.message.includes(path) ? error.code : String(error);
      }
      assert.is(code, 'THEMIS_LOG_CORRUPT');
      assert.is(reader.position, first + 4096);
    }
    reader.close();
  }
});

test('a batch that vanished is an error, not the end of its segment', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 20; i++) append(writer, run(1, i, [6000]));
  const path = `${dir}/log/${segmentName(1)}`;
  fs.overwrite(path, new Uint8Array(8192), segmentDataOffset + 2 * 8192);
  const reader = readerOf(fs, first);
  assert.throws(
    () => readAll(reader, writer.position),
    (error: unknown) => isThemisError(error, 'THEMIS_LOG_CORRUPT'),
  );
  reader.close();
});

test("what a bit has become behind the data of a segment is in nobody's way", () => {
  const fs = folder();
  const { writer } = openLog(fs);
  // Batches of 12 KiB: the last 8 KiB of a segment are never written.
  for (let i = 1; i <= 12; i++) append(writer, run(1, i, [9000]));
  fs.flipBit(`${dir}/log/${segmentName(1)}`, segmentBytes - 8192 + 11, 3);
  const reader = readerOf(fs, first);
  assert.is(readAll(reader, writer.position).length, 12);
  reader.close();
});

test('a limit at the start of an empty segment, behind a full one, is the end', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  // Seven batches of 8 KiB fill a segment to its last byte.
  for (let i = 1; i <= 7; i++) append(writer, run(1, i, [8000]));
  assert.is(writer.position, 2 * segmentBytes);
  // The eighth opens the next segment; as far as the limit says, it is empty.
  append(writer, run(1, 8, [8000]));
  const reader = readerOf(fs, first);
  assert.is(readAll(reader, 2 * segmentBytes + segmentDataOffset).length, 7);
  reader.close();
});

test('a failing call is a typed error', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [1000]));
  for (const operation of ['open', 'stat'] as const) {
    const faulty = new FaultyFileSystem(fs, { rules: [{ operation, error: 'EIO' }] });
    const reader = readerOf(faulty, first);
    assert.throws(
      () => reader.next(writer.position, () => undefined),
      (error: unknown) => isThemisError(error, 'THEMIS_IO'),
    );
    assert.is(readAll(reader, writer.position).length, 1);
    reader.close();
  }
});

test.run();
