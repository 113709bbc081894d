/** Finding segments: order, identity, and which header copy counts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, viewOf } from '../../src/base/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { encodeSegmentHeader, segmentTag } from '../../src/wal/segment.js';
import { type FoundSegment, findSegments } from '../../src/wal/segment-files.js';
import { SegmentStore } from '../../src/wal/segment-store.js';
import { dir, folder, identity, kernel, segmentBytes } from './log-fixture.js';

function headerOf(sequence: number, incarnation = identity.incarnation) {
  const own = { ...identity, incarnation };
  return { identity: own, sequence, syncedPosition: 0, chain: 0, segmentBytes, batchNumber: 1 };
}

function storeOf(fileSystem: MemoryFileSystem): SegmentStore {
  const options = { fileSystem, directory: dir, kernel, segmentBytes };
  return new SegmentStore({ ...options, spareSegments: 0, ballastBytes: 0 });
}

function find(fileSystem: MemoryFileSystem): FoundSegment[] {
  return findSegments(storeOf(fileSystem), { fileSystem, kernel, identity });
}

function withSegments(...sequences: number[]): MemoryFileSystem {
  const fs = folder();
  for (const sequence of sequences) storeOf(fs).take(headerOf(sequence));
  return fs;
}

test('segments come in the order of their sequences, with their tags', () => {
  const found = find(withSegments(3, 20, 4));
  assert.equal(
    found.map(({ sequence }) => sequence),
    [3, 4, 20],
  );
  for (const { sequence, tag, headerRepair } of found) {
    assert.is(tag, segmentTag(identity.clusterId, identity.incarnation, sequence));
    assert.is(headerRepair, null);
  }
});

test('a copy that is damaged, different or of another sequence is replaced by the good one', () => {
  const other = encodeSegmentHeader(headerOf(9), kernel).subarray(0, 4096);
  for (const at of [0, 4096]) {
    const fs = withSegments(3);
    const path = storeOf(fs).path(3);
    const good = fs.bytesOf(path).slice(0, 8192);
    fs.overwrite(path, other, at);
    const found = find(fs)[0];
    assert.is(found?.header?.sequence, 3);
    assert.equal(found?.headerRepair, good);
  }
});

test('without a good copy the tag is that of the incarnation before', () => {
  const fs = folder();
  storeOf(fs).take(headerOf(1, 2));
  storeOf(fs).take(headerOf(2, 2));
  fs.overwrite(storeOf(fs).path(2), new Uint8Array(8192), 0);
  const found = find(fs)[1];
  assert.is(found?.header, null);
  assert.is(found?.tag, segmentTag(identity.clusterId, 2, 2));
});

test('a newer version is refused, even when the other copy can be read', () => {
  const fs = withSegments(1);
  const path = storeOf(fs).path(1);
  const block = fs.bytesOf(path).slice(4096, 8192);
  const view = viewOf(block);
  view.setUint32(8, 2, true);
  view.setUint32(88, kernel.crc32c(block, 0, 88, 0), true);
  fs.overwrite(path, block, 4096);
  assert.throws(
    () => find(fs),
    (error: unknown) => isThemisError(error, 'THEMIS_FORMAT_NEWER'),
  );
});

test.run();
