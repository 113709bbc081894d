/** The audit against real LevelDB folders: closed, killed, cut, and with every sector flipped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as nodeFs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClassicLevel } from 'classic-level';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/file-system-faulty.js';
import { MemoryFileSystem } from '../../src/io/file-system-memory.js';
import { nodeFileSystem } from '../../src/io/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import { type AuditResult, auditLevelDb } from '../../src/metadata/leveldb-audit.js';

const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'themis-audit-'));
test.after(() => nodeFs.rmSync(folder, { recursive: true }));

const audit = (location: string): AuditResult =>
  auditLevelDb(nodeFileSystem(), location, portableKernel);

/** Files that LevelDB never reads: whatever is in them, the state is the same. */
const unused = new Set(['LOCK', 'LOG', 'LOG.old']);

let folders = 0;
const freshPath = () => path.join(folder, String(folders++));

/** A closed folder with several tables, and a log with records of one and of many blocks. */
async function written(compression: boolean): Promise<string> {
  const location = freshPath();
  const options = { compression, writeBufferSize: 1024 * 1024 };
  const level = new ClassicLevel<string, string>(location, options);
  for (let table = 0; table < 4; table++) {
    await level.batch(
      Array.from({ length: 60 }, (_, i) => ({
        type: 'put' as const,
        key: `key-${table}-${i}`,
        value: `${table}.${i}`.repeat(60),
      })),
    );
    // Writes the memory table out and waits, so that closing interrupts nothing.
    await level.compactRange(`key-${table}`, `key-${table}-z`);
  }
  await level.put('large', 'x'.repeat(80_000));
  await level.put('after', 'small');
  await level.close();
  return location;
}

async function recordsOf(location: string): Promise<string> {
  const level = new ClassicLevel<string, string>(location);
  try {
    return JSON.stringify(await level.iterator().all());
  } finally {
    await level.close();
  }
}

/** The folder in memory, where thousands of damages cost little. */
function inMemory(location: string): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/db');
  for (const name of nodeFs.readdirSync(location)) {
    const bytes = nodeFs.readFileSync(path.join(location, name));
    const file = fs.open(`/db/${name}`, { access: 'read-write', create: true });
    file.write(bytes, 0, bytes.length, 0);
    file.close();
  }
  return fs;
}

function onDisk(fs: MemoryFileSystem): string {
  const location = freshPath();
  nodeFs.mkdirSync(location);
  for (const name of fs.list('/db')) {
    nodeFs.writeFileSync(path.join(location, name), fs.bytesOf(`/db/${name}`));
  }
  return location;
}

function cut(fs: MemoryFileSystem, name: string, length: number): MemoryFileSystem {
  const copy = fs.clone();
  const file = copy.open(`/db/${name}`, { access: 'read-write' });
  file.truncate(length);
  file.close();
  return copy;
}

const newestLog = (fs: MemoryFileSystem) =>
  fs.list('/db').findLast((name) => name.endsWith('.log')) ?? '';
const manifestOf = (fs: MemoryFileSystem) =>
  fs.list('/db').find((name) => name.startsWith('MANIFEST')) ?? '';
const auditMemory = (fs: MemoryFileSystem) => auditLevelDb(fs, '/db', portableKernel);

const plain = await written(false);
const packed = await written(true);

test('a folder that was closed is sound, and all of its live bytes were read', () => {
  for (const location of [plain, packed]) {
    const names = nodeFs.readdirSync(location).filter((name) => !unused.has(name));
    assert.ok(names.filter((name) => name.endsWith('.ldb')).length > 2);
    const bytes = names
      .map((name) => nodeFs.statSync(path.join(location, name)).size)
      .reduce((sum, size) => sum + size, 0);
    const result = audit(location);
    assert.is(result.kind, 'sound');
    if (result.kind !== 'sound') continue;
    assert.is(result.files, names.length);
    assert.is(result.bytes, bytes);
  }
});

test('an absent or empty folder is absent, one that lost its CURRENT is damaged', () => {
  assert.equal(audit(freshPath()), { kind: 'absent' });
  const fs = inMemory(plain);
  fs.unlink('/db/CURRENT');
  const expected = { kind: 'damaged', file: 'CURRENT', offset: 0, why: 'it is missing' };
  assert.equal(auditMemory(fs), expected);
  fs.removeTree('/db');
  fs.makeDirectory('/db');
  assert.equal(auditMemory(fs), { kind: 'absent' });
});

test('a flipped bit in every sector is damage, or in a file that is not used', async () => {
  for (const location of [plain, packed]) {
    const sound = inMemory(location);
    const unharmed: string[] = [];
    for (const name of sound.list('/db')) {
      const length = sound.bytesOf(`/db/${name}`).length;
      const step = length < 2_000 ? 1 : 147;
      for (let at = 0; at < length; at += step) {
        const fs = sound.clone();
        fs.flipBit(`/db/${name}`, at, at % 8);
        const result = auditMemory(fs);
        assert.is(result.kind, unused.has(name) ? 'sound' : 'damaged', `${name} at ${at}`);
        if (result.kind === 'damaged' && name !== 'CURRENT') assert.is(result.file, name);
        if (result.kind === 'sound' && at % 900 === 0) unharmed.push(onDisk(fs));
      }
    }
    const records = await recordsOf(onDisk(sound));
    assert.ok(unharmed.length > 0);
    for (const copy of unharmed) assert.is(await recordsOf(copy), records);
  }
});

test('a missing file, or one of another length, is damage', () => {
  const sound = inMemory(packed);
  for (const name of sound.list('/db').filter((each) => !unused.has(each))) {
    const missing = sound.clone();
    missing.unlink(`/db/${name}`);
    const found = auditMemory(missing);
    assert.is(found.kind, 'damaged', name);
    if (!name.endsWith('.ldb')) continue;
    const length = sound.bytesOf(`/db/${name}`).length;
    for (const other of [0, 47, length - 1, length + 1]) {
      const result = auditMemory(cut(sound, name, other));
      assert.ok(result.kind === 'damaged' && result.file === name, `${name} of ${other} bytes`);
    }
  }
});

test('a newest log cut at any byte is sound, and opens without the records cut off', async () => {
  const location = freshPath();
  const level = new ClassicLevel<string, string>(location);
  for (let i = 0; i < 12; i++) await level.put(`key-${i}`, 'v'.repeat(i * 9));
  await level.put('large', 'w'.repeat(40_000));
  await level.close();
  const sound = inMemory(location);
  const log = newestLog(sound);
  const length = sound.bytesOf(`/db/${log}`).length;
  let before = 0;
  for (let at = 0; at <= length; at += at < 1_000 ? 1 : 211) {
    const fs = cut(sound, log, at);
    assert.is(auditMemory(fs).kind, 'sound', `${at} bytes`);
    if (at % 97 !== 0) continue;
    const count = (JSON.parse(await recordsOf(onDisk(fs))) as unknown[]).length;
    assert.ok(count >= before && count <= 13);
    before = count;
  }
  assert.is(before, 12, 'records came back one after the other');
});

test('a power cut may leave zeros at the end of the newest log, nothing else', () => {
  const sound = inMemory(plain);
  const log = newestLog(sound);
  const length = sound.bytesOf(`/db/${log}`).length;
  for (const zeros of [1, 7, 500, 40_000, 1_100_000]) {
    const fs = cut(sound, log, length + zeros);
    assert.is(auditMemory(fs).kind, 'sound', `${zeros} zeros`);
    fs.flipBit(`/db/${log}`, length + zeros - 1, 0);
    if (zeros > 7) assert.is(auditMemory(fs).kind, 'damaged', `a bit after ${zeros} zeros`);
  }
  const hole = sound.clone();
  hole.overwrite(`/db/${log}`, new Uint8Array(20), 0);
  assert.is(auditMemory(hole).kind, 'damaged');
});

test('a log that is cut short while a newer one has records is damage', () => {
  const fs = inMemory(plain);
  const log = newestLog(fs);
  const newer = `${String(Number.parseInt(log, 10) + 50).padStart(6, '0')}.log`;
  const torn = cut(fs, log, fs.bytesOf(`/db/${log}`).length - 3);
  const file = torn.open(`/db/${newer}`, { access: 'read-write', create: true });
  assert.is(auditMemory(torn).kind, 'sound', 'an empty newer log is what a second crash leaves');
  const record = fs.bytesOf(`/db/${log}`);
  file.write(record, 0, record.length, 0);
  file.close();
  const result = auditMemory(torn);
  assert.ok(result.kind === 'damaged' && result.file === log);
});

test('a MANIFEST cut anywhere is damage unless LevelDB still finds every record', async () => {
  const sound = inMemory(packed);
  const manifest = manifestOf(sound);
  const records = await recordsOf(onDisk(sound));
  const length = sound.bytesOf(`/db/${manifest}`).length;
  let damaged = 0;
  for (let at = 0; at < length; at++) {
    const fs = cut(sound, manifest, at);
    if (auditMemory(fs).kind === 'damaged') damaged++;
    else if (at % 16 === 0) assert.is(await recordsOf(onDisk(fs)), records, `${at} bytes`);
  }
  assert.ok(damaged > length / 2);
});

test('a folder whose process was killed while it wrote is sound', async () => {
  const child = fileURLToPath(new URL('./leveldb-writer-child.js', import.meta.url));
  const location = freshPath();
  for (let round = 0; round < 4; round++) {
    const writer = spawn(process.execPath, [child, location], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for (let lines = 0; lines <= round + 1; lines++) await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const result = audit(location);
    assert.is(result.kind, 'sound', JSON.stringify(result));
    assert.ok(result.kind === 'sound' && result.bytes > 1_000);
  }
  assert.match(await recordsOf(location), /rounds/);
});

test('a folder that is in use and compacts can be audited, and is sound', async () => {
  const location = freshPath();
  const level = new ClassicLevel<string, string>(location, { writeBufferSize: 64 * 1024 });
  await level.open();
  let writes = 0;
  const work = async () => {
    for (let i = 0; i < 90; i++, writes++) {
      await level.put(`key-${i % 40}`, `${i}`.repeat(2_000));
      // A result other than `sound` would be an alarm without a cause.
      if (i % 5 === 0) assert.is(audit(location).kind, 'sound');
    }
  };
  await Promise.all([work(), work(), work()]);
  assert.is(writes, 270);
  await level.close();
});

test('an unreadable disk is damage, other errors are thrown, files are closed', () => {
  const sound = inMemory(plain);
  let damaged = 0;
  for (let nth = 1; ; nth++) {
    const rule = { operation: 'read', nth, error: 'EIO', sticky: true } as const;
    const faulty = new FaultyFileSystem(sound, { rules: [rule] });
    const result = auditLevelDb(faulty, '/db', portableKernel);
    if (faulty.fired() === 0) break;
    assert.is(result.kind, 'damaged');
    damaged++;
  }
  assert.ok(damaged > 5);
  const stopping = new FaultyFileSystem(sound);
  const attempts = [
    () =>
      auditLevelDb(
        new FaultyFileSystem(sound, { rules: [{ operation: 'open', error: 'EMFILE' }] }),
        '/db',
        portableKernel,
      ),
    () =>
      auditLevelDb(stopping, '/db', portableKernel, {
        onProgress: () => {
          throw Object.assign(new TypeError('stop'), { code: 'STOP' });
        },
      }),
  ];
  for (const [i, attempt] of attempts.entries()) {
    assert.throws(attempt, (error: unknown) => codeOf(error) === ['EMFILE', 'STOP'][i]);
  }
  const count = (operation: string) =>
    stopping.calls().filter((call) => call.operation === operation).length;
  assert.is(count('open'), count('close'));
});

test('progress and budget see every byte once', () => {
  let spent = 0;
  let last = 0;
  const result = auditLevelDb(inMemory(plain), '/db', portableKernel, {
    budget: (bytes) => {
      spent += bytes;
    },
    onProgress: ({ bytes }) => {
      assert.ok(bytes > last);
      last = bytes;
    },
  });
  assert.ok(result.kind === 'sound' && result.bytes === spent && result.bytes === last);
});

test.run();
