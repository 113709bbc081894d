/**
 * A small real file system (tmpfs) that fills up under the log and
 * under LevelDB: writes are refused with a code, reads go on, nothing acknowledged is lost, and
 * writing goes on once there is space, at the latest after reopening.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, KiB, MiB } from '../../src/base/index.js';
import { open, type Themis } from '../../src/index.js';

const options = { segmentBytes: MiB } as const;
const name = 'a full file system refuses writes, serves reads, loses nothing and recovers';

function free(mount: string): number {
  const { bavail, bsize } = statfsSync(mount);
  return bavail * bsize;
}

function value(n: number): string {
  return `${n} `.repeat(2000);
}

/** Writes until one is refused; returns how many were acknowledged, and the code. */
async function writeUntilRefused(db: Themis, from: number): Promise<[number, string]> {
  for (let n = from; ; n++) {
    try {
      await db.put(`key ${n}`, value(n));
    } catch (error) {
      return [n, codeOf(error) ?? String(error)];
    }
  }
}

async function assertHas(db: Themis, count: number): Promise<void> {
  for (let n = 0; n < count; n++) assert.is(await db.get(`key ${n}`), value(n), `key ${n}`);
}

/** Writes when the store takes it again, reopening when it does not after a while. */
async function writeAgain(db: Themis, folder: string): Promise<Themis> {
  for (let attempt = 0; attempt < 15; attempt++) {
    try {
      await db.put('after', 'there is space');
      return db;
    } catch {
      // Refused still: the log looks for space ten times a second.
      await setTimeout(100);
    }
  }
  await db.close();
  const again = await open(folder, options);
  await again.put('after', 'there is space');
  return again;
}

test(name, async () => {
  const mount = mkdtempSync(join(tmpdir(), 'themis-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mount]);
  if (mounted.status !== 0) {
    rmdirSync(mount);
    console.log(`skip: ${name}: needs the right to mount`);
    return;
  }
  try {
    const folder = join(mount, 'data');
    const filler = join(mount, 'filler');
    let db = await open(folder, options);
    // Older kernels have no O_DIRECT on tmpfs; then the log falls back.
    assert.match((await db.info()).syncMode, /^(direct|fdatasync)$/);
    let count = 0;
    for (let round = 0; round < 3; round++) {
      // Leaves room for a few segments, and a different remainder each time.
      writeFileSync(filler, Buffer.alloc(Math.max(0, free(mount) - 6 * MiB - round * 300 * KiB)));
      const [acknowledged, code] = await writeUntilRefused(db, count);
      assert.match(code, /^THEMIS_(DISK_FULL|LOG_FAILED|IO|TASK_FAILED)$/);
      assert.ok(acknowledged > count, 'what fits is taken');
      count = acknowledged;
      await assertHas(db, count);
      rmSync(filler);
      db = await writeAgain(db, folder);
      assert.is(await db.get('after'), 'there is space');
      await assertHas(db, count);
    }
    await db.close();
    const again = await open(folder, options);
    await assertHas(again, count);
    await again.close();
  } finally {
    spawnSync('umount', ['-l', mount]);
    rmdirSync(mount);
  }
});

test.run();
