/** The memory twin: the contract of file systems, power cuts, room, damage. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileSystem, MemoryFileSystem, seededRandom } from '../../src/io/index.js';
import { fileSystemContract } from '../contract/file-system.js';
import { failuresOf } from '../contract/register.js';

const create = { access: 'read-write', create: true } as const;

function mounted(files: MemoryFileSystem): MemoryFileSystem {
  files.makeDirectory('/db');
  files.syncDirectory('/');
  return files;
}

fileSystemContract(test, 'memory', () => {
  const files = mounted(new MemoryFileSystem());
  const afterPowerCut = (): FileSystem => files.crash('drop-unsynced');
  return { files, root: '/db', direct: true, afterPowerCut };
});

/* Planted defects: each must be caught by a named test of the contract. */

class ForgetsToSync extends MemoryFileSystem {
  override open(...args: Parameters<MemoryFileSystem['open']>): ReturnType<FileSystem['open']> {
    const handle = super.open(...args);
    handle.sync = () => undefined;
    return handle;
  }
}

class ForgetsNames extends MemoryFileSystem {
  #mounted = false;
  override syncDirectory(path: string): void {
    if (!this.#mounted) super.syncDirectory(path);
    this.#mounted = true;
  }
}

class IgnoresWriteThrough extends MemoryFileSystem {
  override open(...args: Parameters<MemoryFileSystem['open']>): ReturnType<FileSystem['open']> {
    return super.open(args[0], { ...args[1], sync: 'none' });
  }
}

class ListsUnsorted extends MemoryFileSystem {
  override list(path: string): string[] {
    return super.list(path).reverse();
  }
}

for (const [defect, caught] of [
  [ForgetsToSync, 'what was synced is there after a power cut'],
  [ForgetsNames, 'synced names are there after a power cut, renames and removals too'],
  [IgnoresWriteThrough, 'direct files take whole aligned blocks only'],
  [ListsUnsorted, 'folders list their names sorted'],
] as const) {
  test(`the contract catches a file system that ${defect.name}`, async () => {
    const failed = await failuresOf((register) =>
      fileSystemContract(register, 'planted', () => {
        const files = mounted(new defect());
        const afterPowerCut = (): FileSystem => files.crash('drop-unsynced');
        return { files, root: '/db', direct: true, afterPowerCut };
      }),
    );
    assert.ok(failed.includes(`planted: ${caught}`), `failed: ${failed.join('; ')}`);
  });
}

test('unsynced contents and names are gone after a power cut, and there after a kill', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/a', create);
  handle.write(Uint8Array.of(1, 2, 3), 0, 3, 0);
  handle.sync();
  assert.equal(files.crash('drop-unsynced').paths(), [], 'the name was not synced');
  files.syncDirectory('/db');
  handle.write(Uint8Array.of(9), 0, 1, 1);
  const cut = files.crash('drop-unsynced');
  assert.equal([...cut.bytesOf('/db/a')], [1, 2, 3]);
  assert.equal([...files.crash('keep-all').bytesOf('/db/a')], [1, 9, 3]);
  const killed = files.clone();
  assert.equal([...killed.bytesOf('/db/a')], [1, 9, 3]);
  assert.equal([...killed.crash('drop-unsynced').bytesOf('/db/a')], [1, 2, 3]);
  assert.equal([...files.bytesOf('/db/a')], [1, 9, 3], 'the source stays as it is');
});

test('clones and their source do not see each other’s later changes', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/a', create);
  handle.write(Uint8Array.of(1), 0, 1, 0);
  const copy = files.clone();
  handle.write(Uint8Array.of(2), 0, 1, 0);
  const copyHandle = copy.open('/db/a', { access: 'read-write' });
  copyHandle.write(Uint8Array.of(3), 0, 1, 4_096);
  copyHandle.sync();
  copy.syncDirectory('/db');
  copy.makeDirectory('/db/d');
  assert.equal([...files.bytesOf('/db/a')], [2]);
  assert.is(copy.bytesOf('/db/a')[0], 1);
  assert.equal(files.list('/db'), ['a']);
  assert.equal(files.crash('drop-unsynced').paths(), []);
});

test('the same stream gives the same crash, another stream another', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/a', create);
  handle.write(new Uint8Array(64 * 512).fill(7), 0, 64 * 512, 0);
  files.syncDirectory('/db');
  const crash = (seed: number): string => {
    const random = seededRandom(seed).stream('crash');
    const left = files.crash({ random });
    return `${left.bytesOf('/db/a')}`;
  };
  assert.is(crash(1), crash(1));
  assert.is(new Set([1, 2, 3, 4, 5].map(crash)).size, 5);
});

test('a full disk cuts writes short, then refuses them, and has room again after an unlink', () => {
  const files = mounted(new MemoryFileSystem({ capacityBytes: 5 * 4_096 }));
  const a = files.open('/db/a', create);
  assert.is(a.write(new Uint8Array(8_192), 0, 8_192, 0), 8_192);
  const b = files.open('/db/b', create);
  assert.is(b.write(new Uint8Array(20_000), 0, 20_000, 0), 3 * 4_096);
  const { freeBytes, totalBytes } = files.space('/db');
  assert.equal([freeBytes, totalBytes], [0, 5 * 4_096]);
  assert.throws(() => b.write(new Uint8Array(1), 0, 1, 3 * 4_096), /ENOSPC/);
  assert.throws(() => b.truncate(4 * 4_096), /ENOSPC/);
  assert.is(b.write(new Uint8Array(1), 0, 1, 0), 1, 'overwriting needs no room');
  assert.is(files.clone().space('/').freeBytes, 0);
  files.unlink('/db/a');
  assert.is(files.space('/db').freeBytes, 0, 'an open file keeps its room');
  a.close();
  assert.is(files.space('/db').freeBytes, 2 * 4_096);
  b.truncate(0);
  assert.is(files.space('/db').freeBytes, 5 * 4_096);
});

test('rename over a file and removeTree give room back', () => {
  const files = mounted(new MemoryFileSystem({ capacityBytes: 4 * 4_096 }));
  for (const path of ['/db/a', '/db/b']) {
    const handle = files.open(path, create);
    handle.write(new Uint8Array(4_096), 0, 4_096, 0);
    handle.close();
  }
  files.rename('/db/a', '/db/b');
  assert.is(files.space('/').freeBytes, 3 * 4_096);
  files.removeTree('/db');
  assert.is(files.space('/').freeBytes, 4 * 4_096);
});

test('damage reaches the cache and the disk, and nothing else', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/a', create);
  const bytes = new Uint8Array(2_000).fill(0xaa);
  handle.write(bytes, 0, bytes.length, 0);
  handle.sync();
  files.syncDirectory('/db');
  const before = files.clone();
  files.flipBit('/db/a', 700, 3);
  for (const state of [files, files.crash('drop-unsynced')]) {
    const expected = bytes.slice();
    expected[700] = 0xaa ^ 8;
    assert.equal(state.bytesOf('/db/a'), expected);
  }
  files.flipBit('/db/a', 700, 3);
  files.corruptSector('/db/a', 3, seededRandom(1).stream('damage'));
  const torn = files.crash('drop-unsynced').bytesOf('/db/a');
  assert.equal(torn.subarray(0, 1_536), bytes.subarray(0, 1_536));
  assert.not.equal(torn.subarray(1_536), bytes.subarray(1_536));
  assert.is(torn.length, 2_000);
  files.overwrite('/db/a', Uint8Array.of(1, 2), 1_998);
  assert.is(files.bytesOf('/db/a')[1_999], 2);
  files.restoreStale('/db/a', before);
  assert.equal(files.crash('drop-unsynced').bytesOf('/db/a'), bytes);
  assert.throws(() => files.flipBit('/db/a', 2_000, 0), /in the file/);
  assert.throws(() => files.overwrite('/db/a', Uint8Array.of(1), 2_000), /in the file/);
});

test('writeUnsynced tears a write to a write-through file', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/a', { ...create, sync: 'dsync' });
  handle.write(new Uint8Array(4_096).fill(1), 0, 4_096, 0);
  files.syncDirectory('/db');
  const middle = files.clone();
  middle.writeUnsynced('/db/a', new Uint8Array(4_096).fill(2), 0);
  const seen = new Set<string>();
  const random = seededRandom(7).stream('tear');
  for (let round = 0; round < 20; round++) {
    const left = middle.crash({ random, keep: 0.5 }).bytesOf('/db/a');
    seen.add([0, 512, 1_024, 1_536].map((at) => left[at]).join(''));
  }
  assert.ok(seen.size > 4, `${[...seen]}`);
});

test('thousands of states of a 64 MiB file of zeros cost little', () => {
  const files = mounted(new MemoryFileSystem());
  const handle = files.open('/db/segment', create);
  const zeros = new Uint8Array(1 << 20);
  for (let at = 0; at < 64 << 20; at += zeros.length) handle.write(zeros, 0, zeros.length, at);
  handle.sync();
  files.syncDirectory('/db');
  const before = process.memoryUsage().arrayBuffers;
  const states: MemoryFileSystem[] = [];
  for (let i = 0; i < 1_000; i++) {
    handle.write(Uint8Array.of(1), 0, 1, i * 4_096);
    states.push(files.clone());
  }
  assert.is(states[500]?.stat('/db/segment')?.bytes, 64 << 20);
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
});

test.run();
