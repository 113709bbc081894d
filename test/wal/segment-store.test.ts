/** The files of the log: spares are zero before use, segments have no holes, the ballast yields. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem, type MemoryFileSystem } from '../../src/io/index.js';
import { segmentDataOffset } from '../../src/wal/segment.js';
import { logDirectory, SegmentStore } from '../../src/wal/segment-store.js';
import { dir, folder, identity, kernel, segmentBytes } from './log-fixture.js';

function storeOf(fs: MemoryFileSystem, spareSegments = 1, ballastBytes = 0): SegmentStore {
  const options = { fileSystem: fs, directory: dir, kernel, segmentBytes };
  return new SegmentStore({ ...options, spareSegments, ballastBytes });
}

function headerOf(sequence: number) {
  return { identity, sequence, syncedPosition: 0, chain: 0, segmentBytes, batchNumber: 1 };
}

function isZeroBehindHeader(bytes: Uint8Array): boolean {
  return bytes.length === segmentBytes && bytes.subarray(segmentDataOffset).every((b) => b === 0);
}

test('prepare makes the spares wanted and the ballast, then has nothing to do', () => {
  const fs = folder();
  const store = storeOf(fs, 3, 40_000);
  let steps = 1;
  while (store.prepare()) steps++;
  assert.is(store.spares(), 3);
  assert.is(store.ballast, 'kept');
  assert.is(steps, 4);
  assert.not(store.prepare());
  assert.is(fs.stat(`${logDirectory(dir)}/ballast`)?.bytes, 40_000);
  assert.is(store.bytesInUse(), 3 * segmentBytes + 40_960);
  assert.is(storeOf(fs, 3, 40_000).ballast, 'kept');
});

test('a recycled segment is zero again before it is used', () => {
  const fs = folder();
  const store = storeOf(fs);
  store.take(headerOf(1));
  fs.overwrite(store.path(1), new Uint8Array(segmentBytes).fill(7), 0);
  store.retire(1);
  assert.equal(store.sequences(), []);
  assert.is(store.spares(), 0, 'old content is no spare');
  const files = fs.list(logDirectory(dir)).length;
  while (store.prepare());
  assert.is(fs.list(logDirectory(dir)).length, files, 'the file was recycled');
  store.take(headerOf(2));
  assert.ok(isZeroBehindHeader(fs.bytesOf(store.path(2))));
});

test('a taken segment is complete and durable under its name', () => {
  const fs = folder();
  storeOf(fs).take(headerOf(1));
  const state = fs.crash('drop-unsynced');
  assert.equal(storeOf(state).sequences(), [1]);
  assert.ok(isZeroBehindHeader(state.bytesOf(storeOf(state).path(1))));
});

test('a power cut anywhere in preparing, taking and retiring leaves only whole segments', () => {
  const fs = folder();
  let states = 0;
  const check = (): void => {
    for (const choice of ['keep-all', 'drop-unsynced'] as const) {
      const state = fs.crash(choice);
      const store = storeOf(state);
      const sequences = store.sequences();
      for (const [i, sequence] of sequences.entries()) {
        assert.is(sequence, (sequences[0] ?? 0) + i);
        assert.is(state.stat(store.path(sequence))?.bytes, segmentBytes);
      }
      while (store.prepare());
      store.take(headerOf(99));
      assert.ok(isZeroBehindHeader(state.bytesOf(store.path(99))));
      states++;
    }
  };
  const faulty = new FaultyFileSystem(fs, { onCall: check });
  const options = { fileSystem: faulty, directory: dir, kernel, segmentBytes };
  const store = new SegmentStore({ ...options, spareSegments: 1, ballastBytes: 0 });
  for (let sequence = 1; sequence <= 3; sequence++) {
    store.take(headerOf(sequence));
    fs.overwrite(store.path(sequence), new Uint8Array(8192).fill(7), segmentDataOffset);
  }
  store.retire(1);
  store.retire(2);
  while (store.prepare());
  store.take(headerOf(4));
  assert.ok(states > 100);
});

test('a retired segment is durably gone before the next one goes or is filled', () => {
  for (const spareSegments of [0, 1]) {
    const fs = folder();
    const store = storeOf(fs, spareSegments);
    for (const sequence of [1, 2]) store.take(headerOf(sequence));
    store.retire(1);
    assert.equal(storeOf(fs.crash('drop-unsynced')).sequences(), [2]);
  }
});

test('segments beyond the spares wanted are removed', () => {
  const fs = folder();
  const store = storeOf(fs, 1);
  for (const sequence of [1, 2, 3]) store.take(headerOf(sequence));
  for (const sequence of [1, 2]) store.retire(sequence);
  assert.is(store.bytesInUse(), 2 * segmentBytes);
});

test('a full disk gives the ballast back, and preparing goes on where it stopped', () => {
  const fs = folder(3 * segmentBytes);
  const store = storeOf(fs, 1, segmentBytes);
  while (store.prepare());
  assert.is(store.ballast, 'kept');
  store.take(headerOf(1));
  store.take(headerOf(2));
  const full = (): string => {
    try {
      store.take(headerOf(3));
    } catch (error) {
      return isThemisError(error) ? error.code : String(error);
    }
    return 'taken';
  };
  // The third segment has no room beside the ballast; giving it up makes some.
  assert.is(full(), 'THEMIS_DISK_FULL');
  assert.is(store.ballast, 'released');
  assert.is(full(), 'taken');
  assert.equal(store.sequences(), [1, 2, 3]);
});

test.run();
