/**
 * Programs that end without closing: the process ends by itself, what was acknowledged is there,
 * what was in flight is answered first, and nothing is left behind. And one that writes far more
 * than its memory may hold.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, MiB } from '../../src/base/index.js';
import { open, type Themis } from '../../src/index.js';

const program = fileURLToPath(new URL('../fixtures/exit-child.js', import.meta.url));
/** A program that has nothing to do and lives longer than this does not end by itself. */
const patienceMs = 30_000;

interface Ended {
  readonly code: number | null;
  readonly answered: number;
  readonly failed: number;
  readonly maxRssBytes: number;
}

/** Runs a program in a folder of its own; `check` sees the database after it. */
async function run(what: string, check: (db: Themis) => Promise<void>): Promise<Ended> {
  const parent = mkdtempSync(join(tmpdir(), 'themis-end-'));
  const temporary = join(parent, 'tmp');
  mkdirSync(temporary);
  try {
    const child = spawn(process.execPath, [program, what, join(parent, 'data')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
      detached: true,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await once(child, 'close');
    clearTimeout(patience);
    assert.is(child.signalCode, null, `it ends by itself: ${errors}`);
    assert.is(errors, '');
    assert.equal(readdirSync(temporary), [], 'no temporary file is left');
    assert.is(groupError(child.pid ?? 0), 'ESRCH', 'no process is left');
    const db = await open(join(parent, 'data'), { segmentBytes: what === 'fill' ? 16 * MiB : MiB });
    assert.equal((await db.info()).recovery.damages, []);
    await check(db);
    await db.close();
    return { code: child.exitCode, ...(JSON.parse(output) as Omit<Ended, 'code'>) };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** The code with which a signal to the child's group is refused. */
function groupError(pid: number): string | undefined {
  try {
    process.kill(-pid, 0);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

for (const what of ['forget', 'serve'] as const) {
  test(`a program that does not close ends by itself (${what}), and lost nothing`, async () => {
    const ended = await run(what, async (db) => assert.is(await db.get('key'), 'value'));
    assert.is(ended.code, 0);
    assert.is(ended.answered, 1);
  });
}

for (const what of ['in flight', 'closing'] as const) {
  test(`writes that nobody waits for are answered before the end (${what})`, async () => {
    const ended = await run(what, async (db) => {
      const keys = Array.from({ length: 2000 }, (_, i) => `key ${i}`);
      const values = await db.getMany(keys);
      assert.ok(values.every((value) => value === 'value'));
    });
    assert.is(ended.code, 0);
    assert.equal([ended.answered, ended.failed], [2000, 0]);
  });
}

test('open iterators and snapshots keep no program alive; reads are answered', async () => {
  const ended = await run('reading', async (db) => assert.is(await db.get('1999'), ''));
  assert.is(ended.code, 0);
  assert.is(ended.answered, 100);
});

test('300 MB from 512 writers pass through a ring of 64 MiB in bounded memory', async () => {
  const ended = await run('fill', async (db) => {
    assert.is((await db.keys().all()).length, 75_000);
  });
  assert.is(ended.answered, 75_000);
  // Node and three threads 130, the ring 64, staging 2 x 19, LevelDB's memtables and open tables,
  // half of the ring again for garbage that the collector has not seen yet.
  const bound = 450 * MiB;
  assert.ok(ended.maxRssBytes < bound, `${Math.round(ended.maxRssBytes / MiB)} MiB`);
  console.log(`most memory: ${Math.round(ended.maxRssBytes / MiB)} MiB`);
});

test.run();
