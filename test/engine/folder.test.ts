/** The data folder: created whole or completed, opened only when it is Themis's own. */
import * as nodeFs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import { type Folder, openFolder, prepareFolder } from '../../src/engine/folder.js';
import { FaultyFileSystem } from '../../src/io/file-system-faulty.js';
import { MemoryFileSystem } from '../../src/io/file-system-memory.js';
import { type FileSystem, nodeFileSystem, seededRandom, systemRandom } from '../../src/io/index.js';
import { tableKernel } from '../wal/table-kernel.js';

const location = '/srv/data';
const clock = { wallMs: () => 1.7e12 + 0.5, monotonicMs: () => 0 };
const kernel = { kernel: tableKernel, reason: 'a test', tiers: [] };
const subfolders = ['aside', 'lock', 'log', 'snapshots', 'state'];

interface Flags {
  readonly createIfMissing?: boolean;
  readonly errorIfExists?: boolean;
}

function open(fileSystem: FileSystem, flags: Flags = {}, random = seededRandom(5)): Folder {
  const options = { location, createIfMissing: true, errorIfExists: false, ...flags };
  return openFolder({ fileSystem, clock, random, kernel }, options);
}

/** The code and message of a refusal, or what was opened. */
function attempt(fileSystem: FileSystem, flags: Flags = {}): string {
  try {
    return open(fileSystem, flags).isNew ? 'created' : 'opened';
  } catch (error) {
    return `${codeOf(error)}: ${error instanceof Error ? error.message : error}`;
  }
}

function write(fs: FileSystem, file: string, bytes: Uint8Array): void {
  const handle = fs.open(file, { access: 'read-write', create: true });
  handle.write(bytes, 0, bytes.length, 0);
  handle.close();
}

function created(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  open(fs);
  return fs;
}

test('a new folder gets an identity, its parents and its subfolders, and keeps them', () => {
  const fs = new MemoryFileSystem();
  const first = open(fs);
  assert.ok(first.isNew);
  assert.is(first.createdMs, 1.7e12);
  assert.equal(fs.list(location), [...subfolders, 'identity'].sort());
  const later = open(fs.crash('drop-unsynced'), {}, seededRandom(6));
  assert.equal(later, { ...first, isNew: false });
});

test('identities are random: no two parts and no two folders are alike', () => {
  const ids = [1, 2].flatMap(() => {
    const { clusterId, nodeId } = open(new MemoryFileSystem(), {}, systemRandom());
    return [clusterId, nodeId].map((id) => Buffer.from(id).toString('hex'));
  });
  assert.is(new Set(ids).size, 4);
});

test('createIfMissing and errorIfExists decide, in the words that abstract-level expects', () => {
  const missing = attempt(new MemoryFileSystem(), { createIfMissing: false });
  assert.match(missing, /^THEMIS_FOLDER_INVALID: \/srv\/data does not exist/);
  const empty = new MemoryFileSystem();
  assert.match(attempt(empty, { createIfMissing: false }), 'createIfMissing');
  assert.equal(empty.list('/'), [], 'nothing was created');
  assert.match(
    attempt(created(), { errorIfExists: true }),
    /^THEMIS_FOLDER_INVALID: .* already exists/,
  );
  assert.is(attempt(created(), { createIfMissing: false }), 'opened');
  assert.is(attempt(new MemoryFileSystem(), { errorIfExists: true }), 'created');
});

test('preparing does not create an identity, and can be repeated before opening', () => {
  const fileSystem = new MemoryFileSystem();
  const options = { location, createIfMissing: true, errorIfExists: true };
  const ports = { fileSystem, clock, random: seededRandom(5), kernel };
  prepareFolder(ports, options);
  prepareFolder(ports, options);
  assert.equal(fileSystem.list(location), subfolders);
  assert.ok(openFolder(ports, options).isNew);
});

test('what is in a folder without identity decides whether it is completed or refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['identity.partial', 'created'],
    ['lock/LOCK', 'created'],
    ['lost+found', 'created'],
    ['log/0000000000000001.wal', 'the file identity is missing'],
    ['snapshots/0000000000000001.snapshot', 'the file identity is missing'],
    ['state/CURRENT', 'the file identity is missing'],
    ['aside/x', 'the file identity is missing'],
    ['superblock', 'the file identity is missing'],
    ['CURRENT', 'holds CURRENT, but no Themis database'],
    ['photos.zip', 'holds photos.zip, but no Themis database'],
  ];
  for (const [name, expected] of cases) {
    const fs = created();
    fs.unlink(`${location}/identity`);
    write(fs, `${location}/${name}`, Buffer.from('half'));
    const before = fs.list(location);
    const found = attempt(fs);
    assert.match(found, expected);
    if (expected === 'created') assert.is(attempt(fs), 'opened');
    else {
      assert.match(found, /^THEMIS_FOLDER_INVALID: /);
      assert.equal(fs.list(location), before, 'a refused folder is left as it was');
    }
  }
});

test('missing subfolders of a folder with identity are made again', () => {
  for (const name of subfolders) {
    const fs = created();
    fs.removeTree(`${location}/${name}`);
    assert.is(attempt(fs), 'opened');
    assert.equal(fs.list(location), [...subfolders, 'identity'].sort());
  }
});

test('a flipped bit in any sector of the identity is repaired, in both copies refused', () => {
  const sound = created();
  const bytes = sound.bytesOf(`${location}/identity`);
  for (let at = 0; at < bytes.length; at += 64) {
    const fs = sound.clone();
    fs.flipBit(`${location}/identity`, at, (at / 64) % 8);
    assert.equal(open(fs), { ...open(sound), repaired: 1 });
    assert.equal(fs.bytesOf(`${location}/identity`), bytes);
    fs.flipBit(`${location}/identity`, at, 1);
    fs.flipBit(`${location}/identity`, (at + 4096) % 8192, 1);
    assert.match(attempt(fs), /^THEMIS_FOLDER_INVALID: .*damaged in both copies/);
  }
  const short = sound.clone();
  const file = short.open(`${location}/identity`, { access: 'read-write' });
  file.truncate(4096);
  file.close();
  assert.is(open(short).repaired, 1);
});

test('two different sound identities are refused, a newer format is named', () => {
  const sound = created();
  const other = new MemoryFileSystem();
  open(other, {}, seededRandom(99));
  const mixed = sound.clone();
  mixed.overwrite(
    `${location}/identity`,
    other.bytesOf(`${location}/identity`).subarray(0, 4096),
    0,
  );
  assert.match(attempt(mixed), /^THEMIS_FOLDER_INVALID: .*two identities/);

  const block = sound.bytesOf(`${location}/identity`).slice(0, 4096);
  viewOf(block).setUint32(8, 2, true);
  viewOf(block).setUint32(4092, tableKernel.crc32c(block, 0, 4092, 0), true);
  for (const copy of [0, 1]) {
    const newer = sound.clone();
    newer.overwrite(`${location}/identity`, block, copy * 4096);
    assert.match(attempt(newer), /^THEMIS_FORMAT_NEWER: /);
  }
});

test('a crash at any call of the creation leaves a folder that opens, with one identity', () => {
  const random = seededRandom(3).stream('crash');
  const start = new MemoryFileSystem();
  const live = start.clone();
  const states: MemoryFileSystem[] = [];
  const watched = new FaultyFileSystem(live, {
    onCall: () => {
      states.push(live.clone(), live.crash('keep-all'), live.crash('drop-unsynced'));
      for (let i = 0; i < 5; i++) states.push(live.crash({ random }));
    },
  });
  const made = open(watched);
  const outcomes = new Set<boolean>();
  for (const fs of states) {
    const reopened = open(fs, {}, seededRandom(77));
    outcomes.add(reopened.isNew);
    if (!reopened.isNew) assert.equal(reopened, { ...made, isNew: false });
    assert.equal(open(fs, {}, seededRandom(78)), { ...reopened, isNew: false });
  }
  assert.ok(states.length > 100);
  assert.is(outcomes.size, 2);
});

test('a failing call ends the creation with its error, and the next attempt succeeds', () => {
  for (let nth = 1; ; nth++) {
    const fs = new MemoryFileSystem();
    const faulty = new FaultyFileSystem(fs, { rules: [{ nth, error: 'EIO' }] });
    const found = attempt(faulty);
    if (faulty.fired() === 0) {
      assert.is(found, 'created');
      break;
    }
    assert.match(found, /^EIO: /);
    assert.match(attempt(fs), /^(created|opened)$/);
  }
});

test('places that cannot hold a folder are refused with the reason', () => {
  const file = new MemoryFileSystem();
  file.makeDirectory('/srv');
  write(file, location, Buffer.from('x'));
  assert.match(attempt(file), /^THEMIS_FOLDER_INVALID: \/srv\/data is not a folder/);
  const readOnly = new FaultyFileSystem(created(), {
    rules: [{ operation: 'open', error: 'EROFS', sticky: true }],
  });
  assert.match(attempt(readOnly), /^THEMIS_FOLDER_INVALID: .*cannot be used \(EROFS/);
  const noParent = new FaultyFileSystem(new MemoryFileSystem(), {
    rules: [{ operation: 'makeDirectory', error: 'EROFS', sticky: true }],
  });
  assert.match(attempt(noParent), /^THEMIS_FOLDER_INVALID: .*cannot be used/);
});

test('on the real file system, a folder is created, reopened, and refused below a file', () => {
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'themis-folder-'));
  try {
    const ports = { fileSystem: nodeFileSystem(), clock, random: systemRandom(), kernel };
    const flags = { createIfMissing: true, errorIfExists: false };
    const options = { location: path.join(folder, 'a', 'b'), ...flags };
    const first = openFolder(ports, options);
    assert.equal(openFolder(ports, options), { ...first, isNew: false });
    const below = path.join(folder, 'a', 'b', 'identity', 'c');
    assert.throws(
      () => openFolder(ports, { location: below, ...flags }),
      (error: unknown) => codeOf(error) === 'THEMIS_FOLDER_INVALID',
    );
  } finally {
    nodeFs.rmSync(folder, { recursive: true });
  }
});

test.run();
