/** Writing snapshots: what is written is read, and a crash at any call leaves all or nothing. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/file-system-faulty.js';
import type { MemoryFileSystem } from '../../src/io/file-system-memory.js';
import { seededRandom } from '../../src/io/index.js';
import { listSnapshots, prepareSnapshots, snapshotPath } from '../../src/wal/snapshot-folder.js';
import { SnapshotWriter } from '../../src/wal/snapshot-writer.js';
import {
  dir,
  emptyFolder,
  entriesOf,
  headerOf,
  readAll,
  writeSnapshot,
} from './snapshot-fixture.js';
import { tableKernel } from './table-kernel.js';

const path = snapshotPath(dir, 9);

test('any entries in any chunk size are read back in order, and counted', () => {
  const entry = fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.uint8Array(), fc.maxSafeNat());
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 40 }),
      fc.integer({ min: 1, max: 400 }),
      (list, size) => {
        const byKey = new Map(
          list.map(([key, value, version]) => [
            Buffer.from(key).toString('latin1'),
            { key: Buffer.from(key), value: Buffer.from(value), version, kind: version % 2 },
          ]),
        );
        const entries = [...byKey.values()].sort((a, b) => Buffer.compare(a.key, b.key));
        const fs = emptyFolder();
        const manifest = writeSnapshot(fs, 9, entries, size);
        assert.equal(readAll(fs, path), { entries, error: null, repaired: false });
        assert.is(manifest.entries, entries.length);
        assert.is(manifest.fileBytes, fs.bytesOf(path).length);
        assert.equal(listSnapshots(fs, dir, tableKernel).valid, [{ path, manifest }]);
      },
    ),
    { numRuns: 60 },
  );
});

test('the same entries in other chunks have the same state hash, other entries another', () => {
  const hashOf = (chunkBytes: number, seed: number) =>
    writeSnapshot(emptyFolder(), 9, entriesOf(50, seed), chunkBytes).stateHash;
  assert.is(hashOf(100, 1), hashOf(5000, 1));
  assert.is.not(hashOf(100, 1), hashOf(100, 2));
});

test('entries of the largest size make chunks of their own', () => {
  const big = {
    key: Buffer.alloc(16 * 1024, 'b'),
    value: Buffer.alloc(16 * 1024 * 1024, 7),
    version: 1,
    kind: 0,
  };
  const small = entriesOf(2);
  const entries = [big, ...small];
  const fs = emptyFolder();
  assert.is(writeSnapshot(fs, 9, entries, 1000).chunks, 2);
  const found = readAll(fs, path).entries;
  assert.is(found.length, 3);
  assert.ok(big.value.equals(found[0]?.value ?? Buffer.alloc(0)));
});

test('keys that do not ascend and entries over the limits are refused', () => {
  const attempt = (...keys: Uint8Array[]) => {
    const fs = emptyFolder();
    const writer = new SnapshotWriter(fs, path, tableKernel, { ...headerOf(9), chunkBytes: 20 });
    try {
      for (const key of keys) writer.add(key, Buffer.alloc(8), 1, 0);
      return 'accepted';
    } catch (error) {
      return codeOf(error);
    } finally {
      writer.abort();
      assert.equal(fs.list(`${dir}/snapshots`), [], 'an aborted snapshot leaves nothing');
    }
  };
  assert.is(attempt(Buffer.from('a'), Buffer.from('b')), 'accepted');
  assert.is(attempt(Buffer.from('b'), Buffer.from('a')), 'THEMIS_ASSERTION');
  assert.is(attempt(Buffer.from('a'), Buffer.from('a')), 'THEMIS_ASSERTION');
  assert.is(attempt(Buffer.alloc(16 * 1024 + 1)), 'THEMIS_KEY_TOO_LARGE');
  const writer = new SnapshotWriter(emptyFolder(), path, tableKernel, headerOf(9));
  assert.throws(
    () => writer.add(Buffer.from('a'), Buffer.alloc(16 * 1024 * 1024 + 1), 1, 0),
    (error: unknown) => codeOf(error) === 'THEMIS_VALUE_TOO_LARGE',
  );
  writer.abort();
});

test('a snapshot that reads back differently never gets its name', () => {
  const fs = emptyFolder();
  const partial = `${path}.partial`;
  const corrupting = new FaultyFileSystem(fs, {
    onCall: (call, phase) => {
      const written = call.operation === 'sync' && phase === 'after' && call.path === partial;
      if (written) fs.flipBit(partial, 9000, 3);
    },
  });
  assert.throws(
    () => writeSnapshot(corrupting, 9, entriesOf(30)),
    (error: unknown) => codeOf(error) === 'THEMIS_SNAPSHOT_CORRUPT',
  );
  assert.equal(fs.list(`${dir}/snapshots`), ['0000000000000009.snapshot.partial']);
});

test('a failing call ends the snapshot with its error, or leaves it whole; abort cleans up', () => {
  for (const error of ['EIO', 'ENOSPC'] as const) {
    for (let nth = 1; ; nth++) {
      const fs = emptyFolder();
      const faulty = new FaultyFileSystem(fs, { rules: [{ nth, error, path: '.snapshot' }] });
      const aborting = () => {
        const writer = new SnapshotWriter(faulty, path, tableKernel, {
          ...headerOf(9),
          chunkBytes: 900,
        });
        try {
          for (const { key, value, version, kind } of entriesOf(20)) {
            writer.add(key, value, version, kind);
          }
          writer.finish();
        } catch (failure) {
          faulty.heal();
          writer.abort();
          throw failure;
        }
      };
      if (nth > 60) assert.unreachable('the calls of one snapshot are bounded');
      let failed = false;
      try {
        aborting();
      } catch {
        failed = true;
      }
      if (faulty.fired() === 0) break;
      prepareSnapshots(fs, dir);
      // An unreadable header is repaired from its copy; nothing else goes unnoticed.
      const { valid } = listSnapshots(fs, dir, tableKernel);
      assert.ok(failed || valid.length === 1, `call ${nth} failed unnoticed`);
      for (const name of fs.list(`${dir}/snapshots`)) assert.is(name, '0000000000000009.snapshot');
    }
  }
});

/** Runs the work on a fresh folder and gives every state of the disk a crash may leave. */
function* crashes(start: MemoryFileSystem, work: (fs: FaultyFileSystem) => void) {
  const random = seededRandom(7).stream('crash');
  const states: MemoryFileSystem[] = [];
  const live = start.clone();
  const faulty = new FaultyFileSystem(live, {
    onCall: () => {
      states.push(live.crash('keep-all'), live.crash('drop-unsynced'));
      for (let i = 0; i < 4; i++) states.push(live.crash({ random }));
      states.push(live.clone());
    },
  });
  work(faulty);
  yield* states;
}

test('a crash at any call leaves the old snapshot, and all or nothing of the new', () => {
  const old = entriesOf(12, 1);
  const young = entriesOf(25, 2);
  const start = emptyFolder();
  const oldManifest = writeSnapshot(start, 5, old);
  const seen = new Set<number>();
  let states = 0;
  for (const fs of crashes(start, (faulty) => writeSnapshot(faulty, 9, young, 900))) {
    prepareSnapshots(fs, dir);
    const { valid, setAside } = listSnapshots(fs, dir, tableKernel);
    assert.equal(setAside, [], 'no crash leaves a damaged snapshot under its name');
    assert.equal(valid.at(-1)?.manifest, oldManifest);
    assert.ok(valid.length <= 2);
    if (valid.length === 2) assert.equal(readAll(fs, path).entries, young);
    assert.is(fs.list(`${dir}/snapshots`).length, valid.length, 'leftovers are removed');
    seen.add(valid.length);
    states++;
  }
  assert.ok(states > 100);
  assert.equal(seen, new Set([1, 2]));
});

test.run();
