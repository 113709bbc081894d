/** Files of volumes: made, loaded, freed; what a crash leaves; when an index is not trusted. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { encodeVolumeHeader } from '../../src/device/volume.js';
import {
  crashPointOperations,
  FaultyFileSystem,
  type FileCall,
  type MemoryFileSystem,
  seededRandom,
} from '../../src/io/index.js';
import { kernel } from './device-fixture.js';
import {
  deviceId,
  endOf,
  filesOn,
  fill,
  indexPath,
  listOf,
  makeDevice,
  volumeBytes,
  volumePath,
} from './volume-fixture.js';

const sizes = [100, 70_000, 4_096];

function filled(): { fs: MemoryFileSystem; fragments: ReturnType<typeof fill>; end: number } {
  const fs = makeDevice();
  filesOn(fs).create(1, volumeBytes, null);
  const fragments = fill(fs, 1, sizes);
  return { fs, fragments, end: endOf(fragments) };
}

function indexed(isSealed: boolean): ReturnType<typeof filled> {
  const made = filled();
  const { fs, fragments, end } = made;
  filesOn(fs).writeIndex({ volume: 1, end, isSealed, rows: listOf(fragments) });
  return made;
}

test('volumes and spares are listed, what is half made is removed', () => {
  const fs = makeDevice();
  const files = filesOn(fs);
  for (const number of [3, 1, 2]) files.create(number, volumeBytes, null);
  files.free(2, true);
  for (const name of ['x.partial', 'README']) {
    fs.open(`/d/volumes/${name}`, { access: 'read-write', create: true }).close();
  }
  assert.equal(files.list(), { volumes: [1, 3], spares: [2], isBare: false });
  const left = ['00000001.volume', '00000003.volume', 'README', 'spare-00000002.volume'];
  assert.equal(fs.list('/d/volumes'), left);
  files.dropSpare(2);
  assert.equal(files.list(), { volumes: [1, 3], spares: [], isBare: false });
});

test('a volume is loaded by its index, and by a scan without one', () => {
  const { fs, fragments, end } = indexed(false);
  const rows = listOf(fragments);
  const loaded = { number: 1, fileBytes: volumeBytes, end, rows };
  assert.equal(filesOn(fs).load(1), { ...loaded, isSealed: false, source: 'index' });
  filesOn(fs).reopen(1);
  assert.is(fs.stat(indexPath(1)), null);
  assert.equal(filesOn(fs).load(1), { ...loaded, isSealed: true, source: 'scan' });
});

test('one bit flipped in any sector of an index leads to a scan', () => {
  const { fs, fragments } = indexed(true);
  for (let at = 3; at < fs.bytesOf(indexPath(1)).length; at += 512) {
    const state = fs.clone();
    state.flipBit(indexPath(1), at > 4_096 ? 4_100 : at, 2);
    const loaded = filesOn(state).load(1);
    assert.is(loaded.source, 'scan');
    assert.equal(loaded.rows, listOf(fragments));
  }
});

test('an index that is stale, of another volume or device is not trusted', () => {
  const { fs, fragments, end } = indexed(false);
  const later = fill(fs, 1, [50], { position: end, blob: 9 });
  const loaded = filesOn(fs).load(1);
  assert.is(loaded.source, 'scan', 'a fragment lies where the index ends');
  assert.equal(loaded.rows, listOf([...fragments, ...later]));

  const other = indexed(true).fs;
  filesOn(other).create(2, volumeBytes, null);
  other.rename(indexPath(1), indexPath(2));
  assert.is(filesOn(other).load(2).source, 'scan', 'of another volume');

  const shorter = indexed(true);
  const handle = shorter.fs.open(volumePath(1), { access: 'read-write' });
  handle.truncate(shorter.end - 4_096);
  assert.is(filesOn(shorter.fs).load(1).source, 'scan', 'the file is shorter');
});

test('a damaged header of the volume costs no fragment; a foreign one is refused', () => {
  const { fs, fragments } = filled();
  fs.flipBit(volumePath(1), 20, 0);
  assert.equal(filesOn(fs).load(1).rows, listOf(fragments));
  const foreign = { clusterId: new Uint8Array(16), deviceId, number: 1, volumeBytes };
  fs.overwrite(volumePath(1), encodeVolumeHeader(kernel, foreign), 0);
  try {
    filesOn(fs).load(1);
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_FOLDER_FOREIGN');
  }
});

test('a file that is unlinked gives its space back although it is open', () => {
  const { fs } = filled();
  const reader = fs.open(volumePath(1), { access: 'read' });
  const { freeBytes } = fs.space('/d');
  filesOn(fs).free(1, false);
  assert.ok(fs.space('/d').freeBytes >= freeBytes + volumeBytes);
  reader.close();
});

test('a crash in a life of a file never lets old fragments pass for new ones', () => {
  const fs = makeDevice();
  const random = seededRandom(1).stream('crash');
  let states = 0;
  const check = (state: MemoryFileSystem): void => {
    const files = filesOn(state);
    for (const number of files.list().volumes) {
      const { rows, fileBytes } = files.load(number);
      assert.is(fileBytes, volumeBytes, 'a volume has its whole size');
      // Volume 1 holds what was written to it; volume 2, made of its file, is empty.
      if (number === 2) assert.is(rows.length, 0);
    }
    states++;
  };
  const onCall = ({ operation }: FileCall): void => {
    if (!crashPointOperations.includes(operation)) return;
    for (const choice of ['keep-all', 'drop-unsynced', { random }, { random }] as const) {
      check(fs.crash(choice));
    }
  };
  const faulty = new FaultyFileSystem(fs, { onCall });
  filesOn(faulty).create(1, volumeBytes, null);
  fill(faulty, 1, sizes);
  filesOn(faulty).free(1, true);
  filesOn(faulty).create(2, volumeBytes, 1);
  assert.ok(states > 50);
  assert.equal(filesOn(fs.crash('drop-unsynced')).list(), {
    volumes: [2],
    spares: [],
    isBare: false,
  });
});

test.run();
