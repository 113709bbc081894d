/**
 * Groups and copies: durable when they return, verified by reading back, nothing written blindly.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import type { FragmentName } from '../../src/device/fragment.js';
import { listedFragment } from '../../src/device/fragment-list.js';
import { alignedBytes, FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import { sealed } from './device-fixture.js';
import {
  endOf,
  filesOn,
  fill,
  listOf,
  makeDevice,
  volumeBytes,
  volumePath,
  writerOn,
} from './volume-fixture.js';

const nameOf = (blob: number): FragmentName => ({ blob, stripe: 0, number: 2 });

function device(): ReturnType<typeof makeDevice> {
  const fs = makeDevice();
  for (const number of [1, 2]) filesOn(fs).create(number, volumeBytes, null);
  return fs;
}

function failure(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

/** Three fragments in one memory, with holes between them. */
function groupOf() {
  const memory = alignedBytes(1 << 20, { shared: true });
  const parts = [5, 9, 40_000].map((bytes, i) => ({
    ...sealed(nameOf(i + 1), bytes),
    at: i * 65_536,
  }));
  const pieces = new Uint32Array(6);
  for (const [i, part] of parts.entries()) {
    memory.set(part.memory.bytes.subarray(0, part.bytes), part.at);
    pieces.set([part.at, part.bytes], 2 * i);
  }
  return { volume: 1, position: 4_096, memory, pieces };
}

test('a group is one write, durable when it returns', () => {
  for (const direct of [true, false]) {
    const fs = device();
    const rules = direct ? [] : ([{ operation: 'open', error: 'EINVAL' }] as const);
    const faulty = new FaultyFileSystem(fs, { rules });
    writerOn(faulty).append(groupOf());
    const writes = faulty.calls().filter(({ operation }) => operation === 'write');
    assert.is(writes.length, 1);
    const { rows } = filesOn(fs.crash('drop-unsynced')).load(1);
    assert.equal(
      [0, 1, 2].map((row) => listedFragment(rows, row).blob),
      [1, 2, 3],
    );
  }
});

test('a short write is continued', () => {
  const fs = device();
  const rules = [{ operation: 'write', error: 'short-write' }] as const;
  writerOn(new FaultyFileSystem(fs, { rules })).append(groupOf());
  assert.is(filesOn(fs).load(1).rows.length, 3 * 8);
});

test('a write to a file whose name was removed meanwhile is no write', () => {
  const fs = device();
  const writer = writerOn(fs);
  writer.append(groupOf());
  fs.removeTree('/d');
  assert.is(
    failure(() => writer.append({ ...groupOf(), position: 131_072 })),
    'ENOENT',
  );
});

test('copies are what the originals were, and lie in their new volume', () => {
  const fs = device();
  const fragments = fill(fs, 1, [100, 70_000, 5]);
  const step = { from: 1, to: 2, position: 4_096, rows: listOf(fragments) };
  const copied = writerOn(fs).copy(step);
  assert.equal(copied, { rows: listOf(fragments), end: endOf(fragments), damages: [] });
  assert.equal(filesOn(fs.crash('drop-unsynced')).load(2).rows, listOf(fragments));
  assert.equal(writerOn(fs).verify(2, copied.rows), []);
});

test('a damaged fragment is told, and not copied', () => {
  const fs = device();
  const fragments = fill(fs, 1, [100, 70_000, 5]);
  for (const [row, inside] of [
    [0, 20],
    [1, 4_096 + 69_000],
    [2, 4_096 + 2_000],
  ] as const) {
    const state = fs.clone();
    state.flipBit(volumePath(1), (fragments[row]?.offset ?? 0) + inside, 4);
    const step = { from: 1, to: 2, position: 4_096, rows: listOf(fragments) };
    const { rows, damages } = writerOn(state).copy(step);
    assert.equal(
      damages.map((damage) => damage.row),
      [row],
    );
    assert.is(rows.length, 2 * 8);
    assert.equal(filesOn(state).load(2).rows.length, 2 * 8);
    assert.equal(
      writerOn(state)
        .verify(1, listOf(fragments))
        .map((damage) => damage.row),
      [row],
    );
  }
});

/** Writes that say they were done, and put something else on the disk. */
function lyingDisk(fs: ReturnType<typeof device>): FileSystem {
  return new FaultyFileSystem(fs, {
    onCall: ({ operation, path, write }, phase) => {
      if (operation !== 'write' || phase !== 'after' || write === undefined) return;
      if (path === volumePath(2)) fs.flipBit(path, write.position + 4_100, 0);
    },
  });
}

test('a copy that reads back otherwise than it was written is an error', () => {
  const fs = device();
  const fragments = fill(fs, 1, [100, 70_000]);
  const step = { from: 1, to: 2, position: 4_096, rows: listOf(fragments) };
  assert.is(
    failure(() => writerOn(lyingDisk(fs)).copy(step)),
    'EIO',
  );
});

test('an original that cannot be read is damage, a volume that is gone is not', () => {
  const fs = device();
  const fragments = fill(fs, 1, [100]);
  const step = { from: 1, to: 2, position: 4_096, rows: listOf(fragments) };
  const unreadable = [{ operation: 'read', error: 'EIO' }] as const;
  const { damages } = writerOn(new FaultyFileSystem(fs, { rules: unreadable })).copy(step);
  assert.is(damages.length, 1);
  fs.unlink(volumePath(1));
  assert.is(
    failure(() => writerOn(fs).copy(step)),
    'ENOENT',
  );
});

test.run();
