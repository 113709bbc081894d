/** Small files that hold the same bytes twice: damage, and every crash of a write. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTwin, writeTwin } from '../../src/device/twin-file.js';
import {
  crashPointOperations,
  FaultyFileSystem,
  type FileSystem,
  MemoryFileSystem,
  seededRandom,
} from '../../src/io/index.js';

const path = '/twin';
const blockOf = (byte: number, blocks = 1): Uint8Array => new Uint8Array(4_096 * blocks).fill(byte);

/** A copy is sound when all of its bytes are the same. */
const decode = (copy: Uint8Array): number | null =>
  copy.every((byte) => byte === copy[0]) ? (copy[0] as number) : null;

function shown(fs: FileSystem): string {
  const read = readTwin(fs, path, decode);
  return read.kind === 'valid' ? `${read.value}${read.repaired ? ' repaired' : ''}` : read.kind;
}

test('absent, written, replaced by a longer one', () => {
  const fs = new MemoryFileSystem();
  assert.is(shown(fs), 'absent');
  writeTwin(fs, path, blockOf(1));
  assert.is(shown(fs), '1');
  writeTwin(fs, path, blockOf(2, 3));
  assert.is(shown(fs), '2');
  assert.equal(fs.list('/'), ['twin']);
});

test('a bit flipped in any sector of one copy is repaired, in both it is damage', () => {
  for (let sector = 0; sector < 16; sector++) {
    const fs = new MemoryFileSystem();
    writeTwin(fs, path, blockOf(7));
    fs.flipBit(path, sector * 512 + 13, 3);
    assert.is(shown(fs), '7 repaired', `sector ${sector}`);
    assert.is(shown(fs), '7');
    fs.flipBit(path, 100, 0);
    fs.flipBit(path, 4_196, 0);
    assert.is(shown(fs), 'damaged');
  }
});

test('two sound copies that differ are damage', () => {
  const fs = new MemoryFileSystem();
  writeTwin(fs, path, blockOf(7));
  fs.overwrite(path, blockOf(8), 4_096);
  assert.is(shown(fs), 'damaged');
});

test('a repair that cannot be written harms nobody', () => {
  const fs = new MemoryFileSystem();
  writeTwin(fs, path, blockOf(7));
  fs.flipBit(path, 13, 3);
  const rules = [{ operation: 'write', error: 'EROFS', sticky: true }] as const;
  assert.is(shown(new FaultyFileSystem(fs, { rules })), '7');
});

test('a crash anywhere in a write leaves the old or the new one, whole', () => {
  const fs = new MemoryFileSystem();
  writeTwin(fs, path, blockOf(1));
  const random = seededRandom(1).stream('crash');
  let states = 0;
  const onCall = ({ operation }: { operation: (typeof crashPointOperations)[number] }): void => {
    if (!crashPointOperations.includes(operation)) return;
    for (const choice of ['keep-all', 'drop-unsynced', { random }, { random }] as const) {
      assert.match(shown(fs.crash(choice)), /^[12]$/);
      states++;
    }
  };
  writeTwin(new FaultyFileSystem(fs, { onCall }), path, blockOf(2));
  assert.ok(states > 20);
  assert.is(shown(fs.crash('drop-unsynced')), '2', 'durable when it returned');
});

test.run();
