/** Reading fragments: every part, every damage, and files that became others. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FragmentReader } from '../../src/device/fragment-reader.js';
import { FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import { clusterId, contentOf, kernel, sealed } from './device-fixture.js';
import { filesOn, fill, makeDevice, volumeBytes, volumePath } from './volume-fixture.js';

const bytes = 150_000;

function device() {
  const fs = makeDevice();
  filesOn(fs).create(1, volumeBytes, null);
  const [fragment] = fill(fs, 1, [bytes]);
  if (fragment === undefined) throw new RangeError('one was written');
  const { bytes: footprint } = sealed(fragment, bytes);
  const place = { path: volumePath(1), offset: fragment.offset, bytes: footprint };
  return { fs, fragment, place };
}

function readerOn(fileSystem: FileSystem): FragmentReader {
  return new FragmentReader({ fileSystem, kernel, clusterId });
}

const blocks = [0, 65_536, 131_072, bytes];

test('every range of blocks is read to its place, and nothing else is touched', () => {
  const { fs, fragment, place } = device();
  const reader = readerOn(fs);
  const content = contentOf(fragment, bytes);
  for (const from of blocks) {
    for (const to of blocks.filter((end) => end >= from && from < bytes)) {
      const target = new Uint8Array(bytes + 20).fill(0xee);
      assert.equal(reader.read(place, fragment, { from, to }, target, 10), { kind: 'ok' });
      const expected = new Uint8Array(bytes + 20).fill(0xee);
      expected.set(content.subarray(from, to), 10);
      assert.is(Buffer.compare(target, expected), 0);
    }
  }
  const check = reader.check(place, fragment);
  assert.is(check.kind, 'ok');
  if (check.kind === 'ok') assert.is(check.header.digest, fragment.digest);
});

test('one bit flipped in any sector of a fragment is noticed', () => {
  const { fs, fragment, place } = device();
  const target = new Uint8Array(bytes);
  for (let at = 0; at < place.bytes; at += 512) {
    const state = fs.clone();
    state.flipBit(place.path, place.offset + at + (at % 509), at % 8);
    const reader = readerOn(state);
    const read = reader.read(place, fragment, { from: 0, to: bytes }, target, 0);
    // What lies behind the data is no data: reads pass it, the check of the whole does not.
    if (at + (at % 509) < 4_096 + bytes) assert.is(read.kind, 'damaged', `byte ${at}`);
    assert.is(reader.check(place, fragment).kind, 'damaged', `byte ${at}`);
    reader.close();
  }
});

test('something else that is sound is absence, not damage', () => {
  const { fs, fragment, place } = device();
  const reader = readerOn(fs);
  const target = new Uint8Array(bytes);
  const read = (expected: typeof fragment) =>
    reader.read(place, expected, { from: 0, to: bytes }, target, 0).kind;
  assert.is(read({ ...fragment, blob: 2 }), 'absent');
  assert.is(read({ ...fragment, stripe: 1 }), 'absent');
  assert.is(read({ ...fragment, number: 1 }), 'absent');
  assert.is(read({ ...fragment, digest: fragment.digest ^ 1 }), 'absent');
  assert.is(reader.check({ ...place, bytes: place.bytes - 4_096 }, fragment).kind, 'absent');
});

test('what the system refuses is told with its code; the end of the file is damage', () => {
  const { fs, fragment, place } = device();
  const target = new Uint8Array(bytes);
  const range = { from: 0, to: bytes };
  const faulty = new FaultyFileSystem(fs, { rules: [{ operation: 'read', error: 'EIO' }] });
  const failed = readerOn(faulty).read(place, fragment, range, target, 0);
  assert.is(failed.kind === 'failed' ? failed.code : failed.kind, 'EIO');
  const missing = readerOn(fs).read({ ...place, path: '/d/x' }, fragment, range, target, 0);
  assert.is(missing.kind === 'failed' ? missing.code : missing.kind, 'ENOENT');
  const handle = fs.open(place.path, { access: 'read-write' });
  handle.truncate(place.offset + 8_192);
  assert.is(readerOn(fs).read(place, fragment, range, target, 0).kind, 'damaged');
  assert.is(readerOn(fs).check(place, fragment).kind, 'damaged');
});

test('a short read is continued', () => {
  const { fs, fragment, place } = device();
  const target = new Uint8Array(bytes);
  const rules = [{ operation: 'read', error: 'short-read' }] as const;
  const reader = readerOn(new FaultyFileSystem(fs, { rules }));
  assert.is(reader.read(place, fragment, { from: 0, to: bytes }, target, 0).kind, 'ok');
  assert.is(Buffer.compare(target, contentOf(fragment, bytes)), 0);
});

test('a file that was open when another got its name is opened anew', () => {
  const { fs, fragment, place } = device();
  const reader = readerOn(fs);
  const target = new Uint8Array(bytes);
  const range = { from: 0, to: bytes };
  assert.is(reader.read(place, fragment, range, target, 0).kind, 'ok');
  filesOn(fs).free(1, true);
  filesOn(fs).create(1, volumeBytes, null);
  const [next] = fill(fs, 1, [bytes], { position: 4_096, blob: 2 });
  if (next === undefined) throw new RangeError('one was written');
  assert.is(reader.read(place, next, range, target, 0).kind, 'ok');
});

test.run();
