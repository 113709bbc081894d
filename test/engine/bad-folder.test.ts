/**
 * Real folders with something wrong: each is repaired while it opens, or refused with its code and
 * left so that it opens again once the cause is gone. Either way every record is there.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, must, viewOf } from '../../src/base/index.js';
import { open, type Themis, type ThemisOptions } from '../../src/index.js';
import { loadKernel } from '../../src/kernel/index.js';

const MiB = 1024 * 1024;
const options = { segmentBytes: MiB } as const;
const parent = fs.mkdtempSync(join(tmpdir(), 'themis-folder-'));
const donor = join(parent, 'donor');
const foreign = join(parent, 'foreign');
const records = 900;

test.before(async () => {
  await makeFolder(donor);
  await makeFolder(foreign);
});
test.after(() => fs.rmSync(parent, { recursive: true, force: true }));

function key(n: number): string {
  return `key ${String(n).padStart(5, '0')}`;
}

function value(n: number): string {
  return `${n} `.repeat(1500);
}

/** Snapshots, a log that was cut behind them and goes on after them, and a state. */
async function makeFolder(folder: string): Promise<void> {
  const db = await open(folder, options);
  for (let n = 0; n < records; n += 10) {
    await db.batch(
      Array.from({ length: 10 }, (_, i) => ({ type: 'put', key: key(n + i), value: value(n + i) })),
    );
    if (n === 300 || n === 500) await db.takeSnapshot();
  }
  await db.close();
}

async function codeFrom(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

async function assertWhole(db: Themis): Promise<void> {
  let n = 0;
  for await (const [found, text] of db.iterator({ lt: 'key a' })) {
    assert.is(found, key(n));
    assert.is(text, value(n), found);
    n++;
  }
  assert.is(n, records);
}

async function assertWrites(db: Themis): Promise<void> {
  await db.put('written after', 'it');
  assert.is(await db.get('written after'), 'it');
}

function inFolder(folder: string, part: string): string[] {
  return fs
    .readdirSync(join(folder, part))
    .sort()
    .map((name) => join(folder, part, name));
}

function segments(folder: string): string[] {
  return inFolder(folder, 'log').filter((path) => path.endsWith('.wal'));
}

function snapshots(folder: string): string[] {
  return inFolder(folder, 'snapshots').filter((path) => path.endsWith('.snapshot'));
}

function remove(path: string): void {
  fs.rmSync(path, { recursive: true });
}

function removeState(folder: string): void {
  remove(join(folder, 'state'));
}

function truncateHalf(path: string): void {
  fs.truncateSync(path, Math.floor(fs.statSync(path).size / 2));
}

function garble(path: string): void {
  const bytes = fs.readFileSync(path);
  for (let at = 0; at < bytes.length; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0xa5;
  fs.writeFileSync(path, bytes);
}

function replaceByFile(path: string): void {
  fs.rmSync(path, { recursive: true, force: true });
  fs.writeFileSync(path, 'in the way');
}

/** Takes a part of the folder from another database. */
function exchange(folder: string, part: string): void {
  fs.rmSync(join(folder, part), { recursive: true });
  fs.cpSync(join(foreign, part), join(folder, part), { recursive: true });
}

/** Raises the format version, with a checksum that fits. */
function makeNewer(folder: string): void {
  const path = join(folder, 'identity');
  const bytes = fs.readFileSync(path);
  const { kernel } = loadKernel();
  for (const at of [0, 4096]) {
    viewOf(bytes).setUint32(at + 8, 2, true);
    viewOf(bytes).setUint32(at + 4092, kernel.crc32c(bytes, at, 4092, 0), true);
  }
  fs.writeFileSync(path, bytes);
}

function last<T>(list: readonly T[], back = 1): T {
  return must(list.at(-back), 'the folder has enough of them');
}

/** What is wrong, what comes of it, how it is made. */
type Row = readonly [what: string, outcome: 'opens' | RegExp, damage: (folder: string) => void];

const refusedData = /^THEMIS_(LOG_CORRUPT|LOG_UNKNOWN|SNAPSHOT_CORRUPT)$/;
const rows: readonly Row[] = [
  ['the state missing', 'opens', removeState],
  ['CURRENT of the state missing', 'opens', (folder) => remove(join(folder, 'state/CURRENT'))],
  [
    'the tables of the state cut in half',
    'opens',
    (folder) =>
      inFolder(folder, 'state')
        .filter((path) => path.endsWith('.ldb'))
        .forEach(truncateHalf),
  ],
  [
    'the tables of the state deleted',
    'opens',
    (folder) =>
      inFolder(folder, 'state')
        .filter((path) => path.endsWith('.ldb'))
        .forEach(remove),
  ],
  [
    'every file of the state full of garbage',
    'opens',
    (folder) =>
      inFolder(folder, 'state')
        .filter((path) => !path.endsWith('LOCK'))
        .forEach(garble),
  ],
  ['the state of another database', 'opens', (folder) => exchange(folder, 'state')],
  ['a file where the state was', /^THEMIS_/, (folder) => replaceByFile(join(folder, 'state'))],
  ['the newest snapshot deleted', 'opens', (folder) => remove(last(snapshots(folder)))],
  [
    'all snapshots deleted, the state sound',
    'opens',
    (folder) => snapshots(folder).forEach(remove),
  ],
  [
    'all snapshots and the state deleted',
    refusedData,
    (folder) => {
      snapshots(folder).forEach(remove);
      removeState(folder);
    },
  ],
  [
    'the newest snapshot cut, the state deleted',
    'opens',
    (folder) => {
      truncateHalf(last(snapshots(folder)));
      removeState(folder);
    },
  ],
  [
    'the newest snapshot full of garbage, the state deleted',
    'opens',
    (folder) => {
      garble(last(snapshots(folder)));
      removeState(folder);
    },
  ],
  ['the log deleted', refusedData, (folder) => remove(join(folder, 'log'))],
  ['all segments deleted', refusedData, (folder) => segments(folder).forEach(remove)],
  [
    'a segment deleted, the state deleted',
    refusedData,
    (folder) => {
      remove(last(segments(folder), 2));
      removeState(folder);
    },
  ],
  [
    'a segment full of garbage, the state deleted',
    refusedData,
    (folder) => {
      garble(last(segments(folder), 2));
      removeState(folder);
    },
  ],
  [
    'the superblock deleted',
    /^THEMIS_INCARNATION_STALE$/,
    (folder) => remove(join(folder, 'superblock')),
  ],
  [
    'the superblock cut',
    /^THEMIS_SUPERBLOCK_CORRUPT$/,
    (folder) => fs.truncateSync(join(folder, 'superblock'), 4000),
  ],
  [
    'the superblock garbage',
    /^THEMIS_SUPERBLOCK_CORRUPT$/,
    (folder) => garble(join(folder, 'superblock')),
  ],
  ['the identity deleted', /^THEMIS_FOLDER_INVALID$/, (folder) => remove(join(folder, 'identity'))],
  ['the identity garbage', /^THEMIS_FOLDER_INVALID$/, (folder) => garble(join(folder, 'identity'))],
  ['a newer format', /^THEMIS_FORMAT_NEWER$/, makeNewer],
  [
    'the identity of another database',
    /^THEMIS_FOLDER_FOREIGN$/,
    (folder) => exchange(folder, 'identity'),
  ],
  ['the log of another database', /^THEMIS_FOLDER_FOREIGN$/, (folder) => exchange(folder, 'log')],
  [
    'the superblock of another database',
    /^THEMIS_FOLDER_FOREIGN$/,
    (folder) => exchange(folder, 'superblock'),
  ],
  [
    'the snapshots of another database, the state deleted',
    /^THEMIS_(FOLDER_FOREIGN|SNAPSHOT_CORRUPT|LOG_CORRUPT)$/,
    (folder) => {
      exchange(folder, 'snapshots');
      removeState(folder);
    },
  ],
  [
    'files that nobody knows',
    'opens',
    (folder) => {
      for (const part of ['', 'log', 'snapshots', 'state', 'aside', 'lock']) {
        fs.writeFileSync(join(folder, part, 'notes.txt'), 'mine');
      }
    },
  ],
  ['a file where the log was', /^THEMIS_/, (folder) => replaceByFile(join(folder, 'log'))],
  ['a file where the lock was', /^THEMIS_/, (folder) => replaceByFile(join(folder, 'lock'))],
];

/** Puts everything back that a refused opening may have found changed. */
function restore(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(donor, folder, { recursive: true });
}

/** What a folder holds: names and bytes, but for LevelDB's own diary and the promises of a start. */
function contentsOf(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.filter((name) => /\.(wal|snapshot)$|^identity$/.test(name));
}

for (const [what, outcome, damage] of rows) {
  const promise = outcome === 'opens' ? 'opens with everything' : 'refused with its code';
  test(`${what}: ${promise}`, async () => {
    const folder = join(parent, 'case');
    restore(folder);
    damage(folder);
    if (outcome !== 'opens') {
      const before = contentsOf(folder);
      assert.match(await codeFrom(() => open(folder, options)), outcome);
      assert.match(await codeFrom(() => open(folder, options)), outcome, 'at the second try');
      const after = new Set(contentsOf(folder));
      assert.ok(
        before.every((name) => after.has(name)),
        'nothing was removed',
      );
      restore(folder);
    }
    const db = await open(folder, options);
    await assertWhole(db);
    await assertWrites(db);
    await db.close();
  });
}

test('every stage of a creation that was interrupted is completed', async () => {
  const subfolders = ['log', 'snapshots', 'state', 'aside', 'lock'];
  const stages: readonly ((folder: string) => void)[] = [
    (folder) => fs.mkdirSync(folder),
    ...subfolders.map((name) => (folder: string) => fs.mkdirSync(join(folder, name))),
    (folder) => fs.writeFileSync(join(folder, 'identity.partial'), 'half'),
    (folder) => fs.copyFileSync(join(donor, 'identity'), join(folder, 'identity')),
  ];
  for (let done = 1; done <= stages.length; done++) {
    const folder = join(parent, `half ${done}`);
    for (const stage of stages.slice(0, done)) stage(folder);
    const db = await open(folder, options);
    await assertWrites(db);
    await db.close();
    remove(folder);
  }
});

test('places that cannot be a folder are refused', async () => {
  const file = join(parent, 'a file');
  fs.writeFileSync(file, 'mine');
  const other = join(parent, 'photos');
  fs.mkdirSync(other);
  fs.writeFileSync(join(other, 'photo.jpg'), 'mine');
  const loop = join(parent, 'loop');
  fs.symlinkSync(loop, loop);
  const long = join(parent, 'x'.repeat(300));
  for (const place of [file, join(file, 'below'), other, loop, long, '/dev/null']) {
    assert.is(await codeFrom(() => open(place, options)), 'THEMIS_FOLDER_INVALID', place);
  }
  assert.is(await codeFrom(() => open('/proc/themis', options)), 'THEMIS_IO');
  assert.equal(fs.readdirSync(other), ['photo.jpg']);
  assert.is(fs.readFileSync(file, 'utf8'), 'mine');
});

test('a link to the folder is the folder', async () => {
  const link = join(parent, 'link');
  fs.symlinkSync(donor, link);
  const db = await open(link, options);
  await assertWhole(db);
  assert.is(await codeFrom(() => open(donor, options)), 'LEVEL_LOCKED');
  await db.close();
});

test('another size of segments than the folder was made with is refused', async () => {
  const folder = join(parent, 'sizes');
  fs.cpSync(donor, folder, { recursive: true });
  const code = await codeFrom(() => open(folder, { segmentBytes: 2 * MiB }));
  assert.is(code, 'THEMIS_CONFIG_INVALID');
  const db = await open(folder, options);
  await assertWhole(db);
  await db.close();
  remove(folder);
});

function flipInside(path: string): void {
  const bytes = fs.readFileSync(path);
  const at = 8192 + 300;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
}

for (const [what, damage] of [
  ['a damaged', flipInside],
  ['an incomplete', remove],
] as const) {
  test(`accepted loss opens ${what} log, says what was given up and keeps its bytes`, async () => {
    const folder = join(parent, 'loss');
    fs.cpSync(donor, folder, { recursive: true });
    removeState(folder);
    damage(last(segments(folder), 2));
    assert.is(await codeFrom(() => open(folder, options)), 'THEMIS_LOG_CORRUPT');
    const accepting: ThemisOptions = { ...options, recovery: 'accept-loss' };
    const db = await open(folder, accepting);
    const { recovery } = await db.info();
    assert.ok(recovery.damages.length > 0);
    assert.is((await db.health()).verdict, 'degraded');
    const kept = inFolder(folder, 'aside').map((path) => fs.statSync(path).size);
    assert.ok(kept.reduce((a, b) => a + b, 0) > 0, 'the bytes are kept');
    const keys = await db.keys({ lt: 'key a' }).all();
    assert.ok(keys.length > 500 && keys.length < records, `${keys.length} records`);
    assert.equal(
      keys,
      Array.from({ length: keys.length }, (_, n) => key(n)),
    );
    await assertWrites(db);
    await db.close();
    const again = await open(folder, options);
    assert.is((await again.keys({ lt: 'key a' }).all()).length, keys.length);
    assert.is(await again.get('written after'), 'it');
    await again.close();
    remove(folder);
  });
}

test.run();
