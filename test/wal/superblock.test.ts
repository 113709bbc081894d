/** The superblock: every damage of every copy, and every state a crash can leave. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import { FaultyFileSystem, type FileSystem, MemoryFileSystem } from '../../src/io/index.js';
import {
  encodeSuperblock,
  readSuperblock,
  type Superblock,
  superblockCopies,
  writeSuperblock,
} from '../../src/wal/superblock.js';
import { tableKernel } from './table-kernel.js';

const blockBytes = 4096;
const sectorBytes = 512;
const file = '/superblock';
let fs = new MemoryFileSystem();

test.before.each(() => {
  fs = new MemoryFileSystem();
});

/** Makes a file of these bytes, and nothing else. */
function put(bytes: Uint8Array, name = file): void {
  fs = new MemoryFileSystem();
  const handle = fs.open(name, { access: 'read-write', create: true });
  handle.write(bytes, 0, bytes.length, 0);
  handle.sync();
  handle.close();
}

function superblockOf(sequence: number, change: Partial<Superblock> = {}): Superblock {
  return {
    clusterId: new Uint8Array(16).fill(7),
    nodeId: new Uint8Array(16).fill(9),
    incarnation: 2 ** 40 + sequence,
    sequence,
    ballot: 2 ** 52 + sequence,
    membershipEpoch: 3,
    ...change,
  };
}

const blockOf = (sequence: number, change?: Partial<Superblock>) =>
  encodeSuperblock(tableKernel, superblockOf(sequence, change));

/** A file of these blocks, then what reading it gives: a sequence, or the code of the error. */
function outcome(blocks: readonly Uint8Array[]): number | string {
  put(Buffer.concat(blocks));
  try {
    const read = readSuperblock(fs, file, tableKernel);
    if (read.kind === 'absent') return 'absent';
    assert.equal(read.superblock, superblockOf(read.superblock.sequence));
    const again = readSuperblock(fs, file, tableKernel);
    assert.equal(again, { ...read, repaired: 0 }, 'one read repairs every copy');
    return read.superblock.sequence;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

test('what is written is read, from four equal copies', () => {
  assert.equal(readSuperblock(fs, file, tableKernel), { kind: 'absent' });
  for (const sequence of [1, 2, 3]) {
    writeSuperblock(fs, file, tableKernel, superblockOf(sequence));
    assert.equal(readSuperblock(fs, file, tableKernel), {
      kind: 'valid',
      superblock: superblockOf(sequence),
      repaired: 0,
    });
  }
  assert.equal(fs.bytesOf(file).length, superblockCopies * blockBytes);
  assert.equal(fs.list('/'), ['superblock']);
});

test('a flipped bit in any sector of any copy is repaired', () => {
  const good = Buffer.concat(Array.from({ length: 4 }, () => blockOf(5)));
  for (let sector = 0; sector < good.length / sectorBytes; sector++) {
    for (const byte of [0, 8, 60, 255, 508, 511]) {
      const bad = Buffer.from(good);
      const at = sector * sectorBytes + byte;
      bad[at] = (bad[at] ?? 0) ^ (1 << (sector % 8));
      put(bad);
      const read = readSuperblock(fs, file, tableKernel);
      assert.equal(read, { kind: 'valid', superblock: superblockOf(5), repaired: 1 });
      assert.ok(good.equals(fs.bytesOf(file)));
    }
  }
});

test('a flipped bit in every byte of the first sector makes a copy invalid', () => {
  const good = blockOf(5);
  for (let at = 0; at < sectorBytes; at++) {
    const bad = good.slice();
    bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
    assert.is(outcome([bad, bad, bad, good]), 'THEMIS_SUPERBLOCK_CORRUPT');
  }
});

test('all 256 files of old, new, foreign and damaged copies follow the rule', () => {
  // 4: the older one, 5: the newest; 2: older than any crash explains; 0: damaged.
  const contents = [0, 2, 4, 5];
  let read = 0;
  for (let state = 0; state < contents.length ** 4; state++) {
    const copies = [0, 1, 2, 3].map((copy) => contents[(state >> (2 * copy)) & 3] ?? 0);
    const valid = copies.filter((sequence) => sequence > 0).sort((a, b) => b - a);
    const highest = valid[0] ?? 0;
    const alone = valid.filter((sequence) => sequence === highest).length === 1;
    const explained = valid.length >= 2 && !(alone && valid[1] !== highest - 1);
    const expected = explained ? highest : 'THEMIS_SUPERBLOCK_CORRUPT';
    const blocks = copies.map((sequence) =>
      sequence === 0 ? new Uint8Array(blockBytes) : blockOf(sequence),
    );
    assert.is(outcome(blocks), expected, `copies ${copies}`);
    if (explained) read++;
  }
  assert.ok(read > 100 && read < 256, 'both outcomes occur');
});

test('copies of one sequence with different contents are refused', () => {
  const other = blockOf(5, { ballot: 1 });
  assert.is(outcome([blockOf(5), blockOf(5), other, other]), 'THEMIS_SUPERBLOCK_CORRUPT');
});

test('a file cut anywhere keeps the copies that are whole', () => {
  const good = Buffer.concat(Array.from({ length: 4 }, () => blockOf(5)));
  for (let length = 0; length <= good.length; length += 256) {
    const expected = length >= 2 * blockBytes ? 5 : 'THEMIS_SUPERBLOCK_CORRUPT';
    assert.is(outcome([good.subarray(0, length)]), expected, `${length} bytes`);
  }
});

test('a newer format is refused by its version, a foreign cluster or node by its name', () => {
  const newer = blockOf(5);
  viewOf(newer).setUint32(8, 2, true);
  viewOf(newer).setUint32(508, tableKernel.crc32c(newer, 0, 508, 0), true);
  assert.is(outcome([newer, newer, newer, newer]), 'THEMIS_FORMAT_NEWER');
  assert.is(outcome([newer, newer, blockOf(5), blockOf(5)]), 'THEMIS_FORMAT_NEWER');

  writeSuperblock(fs, '/own', tableKernel, superblockOf(1));
  const own = superblockOf(1);
  const read = (expected: Superblock) => readSuperblock(fs, '/own', tableKernel, expected);
  assert.is(read(own).kind, 'valid');
  for (const foreign of [{ clusterId: new Uint8Array(16) }, { nodeId: new Uint8Array(16) }]) {
    assert.throws(
      () => read(superblockOf(1, foreign)),
      (error: unknown) => codeOf(error) === 'THEMIS_FOLDER_FOREIGN',
    );
  }
});

/** One block write or sync, as the file port saw it. */
type Step = { readonly copy: number } | 'sync';

/** The file system, whose files record what is done to them. */
function recording(steps: Step[]): FileSystem {
  return new FaultyFileSystem(fs, {
    onCall: ({ operation, write }, phase) => {
      if (phase === 'before') return;
      if (write !== undefined) steps.push({ copy: write.position / blockBytes });
      else if (operation === 'sync') steps.push('sync');
    },
  });
}

/**
 * Every file that a crash can leave: for each moment, the writes since the last sync reached the
 * disk sector by sector in any combination (all subsets of whole copies, and of first sectors).
 */
function crashStates(before: readonly Uint8Array[], after: Uint8Array, steps: readonly Step[]) {
  const states: { readonly blocks: Uint8Array[]; readonly finished: boolean }[] = [];
  let durable = before.map((block) => block);
  let pending: number[] = [];
  const addAll = (finished: boolean) => {
    for (let subset = 0; subset < 3 ** pending.length; subset++) {
      const blocks = durable.map((block) => block);
      pending.forEach((copy, i) => {
        const share = Math.floor(subset / 3 ** i) % 3;
        if (share === 1) blocks[copy] = after;
        if (share === 2)
          blocks[copy] = Buffer.concat([
            (blocks[copy] ?? after).subarray(0, sectorBytes),
            after.subarray(sectorBytes),
          ]);
      });
      states.push({ blocks, finished });
    }
  };
  addAll(false);
  for (const step of steps) {
    if (step === 'sync') {
      durable = durable.map((block, copy) => (pending.includes(copy) ? after : block));
      pending = [];
    } else {
      pending.push(step.copy);
    }
    addAll(step === 'sync' && step === steps.at(-1) && durable.every((block) => block === after));
  }
  return states;
}

test('a crash at any step of a write, plus one or two destroyed copies, loses no promise', () => {
  writeSuperblock(fs, file, tableKernel, superblockOf(4));
  const steps: Step[] = [];
  writeSuperblock(recording(steps), file, tableKernel, superblockOf(5));
  assert.equal(steps, [{ copy: 0 }, { copy: 1 }, 'sync', { copy: 2 }, { copy: 3 }, 'sync']);

  const old = blockOf(4);
  const states = crashStates([old, old, old, old], blockOf(5), steps);
  assert.ok(states.length > 20 && states.some((state) => state.finished));
  const destroyed = new Uint8Array(blockBytes).fill(0xa5);
  for (const { blocks, finished } of states) {
    for (let first = -1; first < 4; first++) {
      for (let second = first; second < 4; second++) {
        const damaged = blocks.map((b, copy) =>
          copy === first || copy === second ? destroyed : b,
        );
        const found = outcome(damaged);
        assert.ok(found === 5 || (found === 4 && !finished), `found ${found}`);
      }
    }
  }
});

test('a crash during a repair leaves a file that reads the same', () => {
  const destroyed = new Uint8Array(blockBytes);
  const cases = [
    [blockOf(5), destroyed, blockOf(4), blockOf(4)],
    [blockOf(5), blockOf(4), blockOf(4), destroyed],
    [destroyed, blockOf(5), destroyed, blockOf(4)],
    [destroyed, destroyed, blockOf(5), blockOf(5)],
  ];
  for (const before of cases) {
    put(Buffer.concat(before));
    const steps: Step[] = [];
    readSuperblock(recording(steps), file, tableKernel);
    assert.ok(steps.length >= 2);
    for (const { blocks } of crashStates(before, blockOf(5), steps)) {
      assert.is(outcome(blocks), 5);
    }
  }
});

test('a crash before the first superblock is whole leaves none', () => {
  put(Buffer.from('half'), `${file}.partial`);
  assert.is(readSuperblock(fs, file, tableKernel).kind, 'absent');
  writeSuperblock(fs, file, tableKernel, superblockOf(1));
  assert.equal(fs.list('/'), ['superblock']);
});

test.run();
