/** Which names a power cut may leave. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileSystem, MemoryFileSystem, seededRandom } from '../../src/io/index.js';

function put(files: FileSystem, path: string, byte: number): void {
  const handle = files.open(path, { access: 'read-write', create: true });
  handle.write(Uint8Array.of(byte), 0, 1, 0);
  handle.sync();
  handle.close();
}

/** The distinct trees (path=first byte) that power cuts leave. */
function outcomes(files: MemoryFileSystem, rounds = 200): string[] {
  const random = seededRandom(1).stream('crash');
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const left = files.crash({ random, keep: 0.5 });
    seen.add(tree(left));
  }
  return [...seen].sort();
}

function tree(files: MemoryFileSystem): string {
  return files
    .paths()
    .map((path) => `${path}=${files.bytesOf(path)}`)
    .join(' ');
}

function withDurable(...entries: readonly (readonly [string, number | null])[]): MemoryFileSystem {
  const files = new MemoryFileSystem();
  for (const [path, byte] of entries) {
    if (byte === null) files.makeDirectory(path);
    else put(files, path, byte);
  }
  for (const [path, byte] of [['/', null] as const, ...entries]) {
    if (byte === null) files.syncDirectory(path);
  }
  return files;
}

test('creations are kept or dropped one by one', () => {
  const files = new MemoryFileSystem();
  put(files, '/a', 1);
  put(files, '/b', 2);
  assert.equal(outcomes(files), ['', '/a=1', '/a=1 /b=2', '/b=2']);
});

test('a rename over a file leaves the old one or the new one, never neither', () => {
  const files = withDurable(['/current', 1], ['/new', 2]);
  files.rename('/new', '/current');
  assert.equal(outcomes(files), ['/current=1 /new=2', '/current=2']);
});

test('a rename to another folder is durable by the sync of the new name’s folder', () => {
  const files = withDurable(['/a', null], ['/b', null], ['/a/f', 1]);
  files.rename('/a/f', '/b/f');
  files.syncDirectory('/a');
  assert.equal(outcomes(files), ['/a/f=1', '/b/f=1']);
  files.syncDirectory('/b');
  assert.equal(outcomes(files), ['/b/f=1']);
});

test('syncing a folder does not make its own name durable', () => {
  const files = new MemoryFileSystem();
  files.makeDirectory('/d');
  put(files, '/d/f', 1);
  files.syncDirectory('/d');
  assert.is(tree(files.crash('drop-unsynced')), '');
  files.syncDirectory('/');
  assert.is(tree(files.crash('drop-unsynced')), '/d/f=1');
});

test('a file moved into a folder without a durable name is never lost', () => {
  const files = withDurable(['/f', 1]);
  files.makeDirectory('/d');
  files.makeDirectory('/d/e');
  files.rename('/f', '/d/e/f');
  assert.equal(outcomes(files), ['/d/e/f=1', '/f=1']);
  files.syncDirectory('/d/e');
  assert.equal(outcomes(files), ['/d/e/f=1'], 'the rename brings the folders with it');
});

test('a file moved out of a removed folder is never lost', () => {
  const files = withDurable(['/d', null], ['/d/f', 1]);
  files.rename('/d/f', '/f');
  files.removeTree('/d');
  assert.equal(outcomes(files), ['/d/f=1', '/f=1']);
});

test('folders moved into each other in turn never form a ring', () => {
  const files = withDurable(['/a', null], ['/a/b', null], ['/a/x', 1], ['/a/b/y', 2]);
  files.rename('/a/b', '/b');
  files.rename('/a', '/b/a');
  assert.equal(outcomes(files), ['/a/b/y=2 /a/x=1', '/a/x=1 /b/y=2', '/b/a/x=1 /b/y=2']);
});

test('a file renamed twice has one name after a power cut', () => {
  const files = withDurable(['/a', 1]);
  files.rename('/a', '/b');
  files.rename('/b', '/c');
  assert.equal(outcomes(files), ['/a=1', '/b=1', '/c=1']);
});

test('later changes of a name never come without the earlier ones', () => {
  const files = new MemoryFileSystem();
  put(files, '/a', 1);
  files.rename('/a', '/b');
  put(files, '/a', 2);
  files.unlink('/b');
  assert.equal(outcomes(files), ['', '/a=1', '/a=2', '/a=2 /b=1', '/b=1']);
});

test('renames and moves of any kind lose no synced file and make none twice', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
  const folder = fc.oneof(path, fc.constantFrom('/a', '/b', ''));
  const leaf = fc.constantFrom('one', 'two');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('move' as const), leaf, from: folder, to: folder }),
    fc.record({ kind: fc.constant('rename' as const), path, target: path }),
    fc.record({ kind: fc.constant('makeDirectory' as const), path }),
    fc.record({ kind: fc.constant('syncDirectory' as const), path }),
  );
  const seed = fc.integer();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), seed, (steps, crashSeed) => {
      const files = withDurable(['/a', null], ['/b', null], ['/a/one', 1], ['/b/two', 2]);
      for (const taken of steps) {
        try {
          if (taken.kind === 'rename') files.rename(taken.path, taken.target);
          else if (taken.kind === 'move') {
            files.rename(`${taken.from}/${taken.leaf}`, `${taken.to}/${taken.leaf}`);
          } else files[taken.kind](taken.path);
        } catch (error) {
          assert.match(`${error}`, /ENOENT|EEXIST|EINVAL|ENOTEMPTY|EISDIR|ENOTDIR/);
        }
      }
      const random = seededRandom(crashSeed).stream('crash');
      for (let round = 0; round < 5; round++) {
        const left = files.crash({ random });
        const bytes = left.paths().map((found) => left.bytesOf(found)[0]);
        assert.equal(bytes.sort(), [1, 2]);
      }
    }),
    { numRuns: 300 },
  );
});

test.run();
