/**
 * Finding fragments without an index: behind damage, among stale bytes, up to the end of the file.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import { placeFragment } from '../../src/device/fragment.js';
import { listedFragment, listLength } from '../../src/device/fragment-list.js';
import { Scratch } from '../../src/device/scratch.js';
import { scanVolume } from '../../src/device/volume-scan.js';
import { FaultyFileSystem, type FileSystem, type MemoryFileSystem } from '../../src/io/index.js';
import { clusterId, kernel } from './device-fixture.js';
import {
  endOf,
  filesOn,
  fill,
  listOf,
  makeDevice,
  volumeBytes,
  volumePath,
} from './volume-fixture.js';

const scratch = new Scratch();
const sizes = [100, 70_000, 4_096, 30_000, 1];

function scan(fs: FileSystem, number = 1): { blobs: number[]; end: number } {
  const handle = fs.open(volumePath(number), { access: 'read' });
  try {
    const { rows, end } = scanVolume({ handle, kernel, clusterId, number, scratch });
    const blobs = Array.from(
      { length: listLength(rows) },
      (_, row) => listedFragment(rows, row).blob,
    );
    return { blobs, end };
  } finally {
    handle.close();
  }
}

function filled(): { fs: MemoryFileSystem; fragments: ReturnType<typeof fill> } {
  const fs = makeDevice();
  filesOn(fs).create(1, volumeBytes, null);
  return { fs, fragments: fill(fs, 1, sizes) };
}

test('everything is found, with its place', () => {
  const { fs, fragments } = filled();
  const handle = fs.open(volumePath(1), { access: 'read' });
  const found = scanVolume({ handle, kernel, clusterId, number: 1, scratch });
  assert.equal(found, { rows: listOf(fragments), end: endOf(fragments) });
});

test('a damaged header costs its own fragment only', () => {
  for (let damaged = 0; damaged < sizes.length; damaged++) {
    const { fs, fragments } = filled();
    fs.flipBit(volumePath(1), (fragments[damaged]?.offset ?? 0) + 50, 1);
    const blobs = fragments.map(({ blob }) => blob).filter((blob) => blob !== damaged + 1);
    assert.equal(scan(fs).blobs, blobs);
  }
});

test('a block that cannot be read is passed over', () => {
  const { fs } = filled();
  // The first read finds fragment 1; the second and its retry are those of fragment 2.
  const rules = [2, 3].map((nth) => ({ operation: 'read', nth, error: 'EIO' }) as const);
  const found = scan(new FaultyFileSystem(fs, { rules }));
  assert.equal(found.blobs, [1, 3, 4, 5]);
});

test('fragments of another volume or cluster do not count', () => {
  const { fs } = filled();
  filesOn(fs).free(1, true);
  filesOn(fs).create(2, volumeBytes, 1);
  assert.equal(scan(fs, 2), { blobs: [], end: 4_096 });
  const fragments = fill(fs, 2, [100, 100], { position: 4_096, blob: 11 });
  assert.equal(scan(fs, 2), { blobs: [11, 12], end: endOf(fragments) });
});

test('a fragment that the file ends before is not one', () => {
  const { fs, fragments } = filled();
  const handle = fs.open(volumePath(1), { access: 'read-write' });
  handle.truncate((fragments[3]?.offset ?? 0) + 8_192);
  assert.equal(scan(fs).blobs, [1, 2, 3]);
});

test('a fragment of a later version stops the scan', () => {
  const { fs, fragments } = filled();
  const at = fragments[2]?.offset ?? 0;
  const block = fs.bytesOf(volumePath(1)).slice(at, at + 4_096);
  viewOf(block).setUint32(8, 2, true);
  placeFragment(kernel, block, 0, 1);
  fs.overwrite(volumePath(1), block, at);
  try {
    scan(fs);
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_FORMAT_NEWER');
  }
});

test.run();
