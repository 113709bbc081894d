/** Spares are filled in bounded steps and get their name only when they are zero and synced. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import { SpareMaker } from '../../src/wal/spare-maker.js';
import { dir, folder } from './log-fixture.js';

const mib = 1 << 20;

test('a spare takes one step for each MiB, and is zero and durable at the end', () => {
  const fs = folder();
  const maker = new SpareMaker({ fileSystem: fs, directory: dir, segmentBytes: 3 * mib });
  assert.not(maker.step());
  assert.not(maker.step());
  assert.equal(maker.numbers('zero'), []);
  assert.ok(maker.step());
  assert.equal(maker.numbers('zero'), [1]);
  const state = fs.crash('drop-unsynced');
  const bytes = state.bytesOf(maker.path(1, 'zero'));
  assert.is(bytes.length, 3 * mib);
  assert.ok(bytes.every((byte) => byte === 0));
});

test('a retired file is filled first, whatever its length', () => {
  for (const length of [100, 3 * mib]) {
    const fs = folder();
    const maker = new SpareMaker({ fileSystem: fs, directory: dir, segmentBytes: 2 * mib });
    const path = maker.nextRawPath();
    const handle = fs.open(path, { access: 'read-write', create: true });
    handle.write(new Uint8Array(length).fill(9), 0, length, 0);
    handle.close();
    while (!maker.step());
    assert.is(fs.stat(path), null);
    const bytes = fs.bytesOf(maker.path(1, 'zero'));
    assert.is(bytes.length, 2 * mib);
    assert.ok(bytes.every((byte) => byte === 0));
  }
});

test('what an earlier process began is begun again, never trusted', () => {
  const fs = folder();
  const options = { fileSystem: fs, directory: dir, segmentBytes: 2 * mib };
  const first = new SpareMaker(options);
  first.step();
  first.close();
  fs.overwrite(first.path(1, 'raw'), new Uint8Array([1]), 5);
  const second = new SpareMaker(options);
  assert.not(second.step());
  assert.ok(second.step());
  assert.ok(fs.bytesOf(second.path(1, 'zero')).every((byte) => byte === 0));
});

test('a file that is lent is left alone, and its number is not given out', () => {
  const fs = folder();
  const options = { fileSystem: fs, directory: dir, segmentBytes: 2 * mib };
  const maker = new SpareMaker(options);
  assert.is(maker.lend(), 1);
  assert.is(maker.lend(), null, 'one at a time');
  const other = new SpareMaker(options);
  assert.not(other.step(1));
  assert.is(maker.nextRawPath(), maker.path(2, 'raw'));
  while (!maker.step());
  assert.equal([maker.numbers('raw'), maker.numbers('zero')], [[1], [2]]);
  assert.ok(other.step(1));
  assert.equal([maker.numbers('raw'), maker.numbers('zero')], [[], [1, 2]]);
  maker.returned();
  assert.is(maker.lend(), 3);
});

test('a file that is begun is lent from its start', () => {
  const fs = folder();
  const maker = new SpareMaker({ fileSystem: fs, directory: dir, segmentBytes: 2 * mib });
  maker.step();
  assert.is(maker.lend(), 1);
  while (!maker.step());
  assert.equal(maker.numbers('zero'), [2]);
});

test('on a full disk, a file that was begun gives way to another, unless it is lent', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const maker = new SpareMaker({ fileSystem: faulty, directory: dir, segmentBytes: 2 * mib });
  const other = new SpareMaker({ fileSystem: fs, directory: dir, segmentBytes: 2 * mib });
  const noSpace = () => faulty.inject({ operation: 'write', error: 'ENOSPC' });
  const isFull = (thrown: unknown) => isThemisError(thrown, 'THEMIS_DISK_FULL');
  assert.is(maker.lend(), 1);
  assert.not(other.step(1));
  other.close();
  assert.not(maker.step());
  noSpace();
  assert.throws(() => maker.step(), isFull);
  assert.equal(maker.numbers('raw'), [1, 2]);
  maker.returned();
  noSpace();
  assert.not(maker.step());
  assert.equal(maker.numbers('raw'), [2]);
  noSpace();
  assert.throws(() => maker.step(), isFull);
  assert.ok(maker.step());
  assert.equal([maker.numbers('raw'), maker.numbers('zero')], [[], [2]]);
});

test('no space is THEMIS_DISK_FULL and can be tried again; other errors are not', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const maker = new SpareMaker({ fileSystem: faulty, directory: dir, segmentBytes: mib });
  for (const error of ['ENOSPC', 'EIO'] as const) {
    faulty.inject({ operation: 'write', error });
    assert.throws(
      () => maker.step(),
      (thrown: unknown) => isThemisError(thrown, 'THEMIS_DISK_FULL') === (error === 'ENOSPC'),
    );
  }
  assert.ok(maker.step());
});

test.run();
