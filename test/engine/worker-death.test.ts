/**
 * The engine's threads are killed while it works: every open operation is answered, with success
 * or a typed error, nothing hangs, closing works, and reopening finds what was acknowledged.
 *
 * The threads are reached without the engine's help: Node's Worker is replaced before piscina
 * makes one, by one that remembers which entry file it was told to run.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as WorkerThreads from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, must } from '../../src/base/index.js';
import { open, type Themis } from '../../src/index.js';

type Role = 'log' | 'state' | 'compute';

const threads: typeof WorkerThreads = createRequire(import.meta.url)('node:worker_threads');
const workers = new Map<Role, WorkerThreads.Worker>();
let onStarted: (role: Role, worker: WorkerThreads.Worker) => void = () => undefined;

class KnownWorker extends threads.Worker {
  override postMessage(message: unknown, transfer?: readonly WorkerThreads.TransferListItem[]) {
    const isStart = typeof message === 'object' && message !== null && 'filename' in message;
    const role = /workers\/(log|state|compute)\.js/.exec(isStart ? String(message.filename) : '');
    if (role !== null) {
      workers.set(role[1] as Role, this);
      onStarted(role[1] as Role, this);
    }
    super.postMessage(message, transfer);
  }
}
threads.Worker = KnownWorker;
syncBuiltinESMExports();

const options = { segmentBytes: 1024 * 1024, computeThreads: 1 };
const canary = 'canary';
const patienceMs = 20_000;

/** Fails instead of waiting for ever. */
async function answered<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RangeError(`${what} hangs`)), patienceMs);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearTimeout(timer);
  }
}

/** `ok`, or the code of the typed error. Anything else is thrown on. */
async function codeAfter(what: string, work: Promise<unknown>): Promise<string> {
  try {
    await answered(what, work);
    return 'ok';
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (isThemisError(error)) return error.code;
    if (isThemisError(cause)) return cause.code;
    throw error;
  }
}

function kill(role: Role): Promise<number> {
  return must(workers.get(role), `the ${role} thread was started`).terminate();
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'themis-death-'));
  try {
    await work(join(folder, 'data'));
  } finally {
    onStarted = () => undefined;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function opened(folder: string): Promise<Themis> {
  const db = await answered('opening', open(folder, options));
  await db.put(canary, 'sings');
  return db;
}

/** Puts in flight, remembered by key with what became of them. */
class Puts {
  readonly #db: Themis;
  readonly outcomes = new Map<string, Promise<string>>();

  constructor(db: Themis) {
    this.#db = db;
  }

  start(count: number): void {
    for (let i = 0; i < count; i++) {
      const key = `key ${this.outcomes.size}`;
      this.outcomes.set(key, codeAfter(key, this.#db.put(key, key.repeat(50))));
    }
  }

  async acknowledged(): Promise<string[]> {
    const codes = await Promise.all(this.outcomes.values());
    return [...this.outcomes.keys()].filter((_, at) => codes[at] === 'ok');
  }
}

/** Everything acknowledged is there, and the folder can be written again. */
async function assertReopens(folder: string, acknowledged: readonly string[]): Promise<void> {
  const db = await answered('reopening', open(folder, options));
  try {
    assert.is(await db.get(canary), 'sings');
    for (const key of acknowledged) assert.is(await db.get(key), key.repeat(50), key);
    assert.equal((await db.info()).recovery.damages, []);
    await db.put('after', 'works');
    assert.is(await db.get('after'), 'works');
  } finally {
    await answered('closing', db.close());
  }
}

/** Operations of every kind that are open at once. */
function everything(db: Themis): Promise<string>[] {
  const range = db.iterator({ gte: 'key', limit: 100 });
  const iterate = range.all().finally(() => range.close());
  return Object.entries({
    get: db.get(canary),
    getMany: db.getMany([canary, 'key 1']),
    has: db.has(canary),
    iterate,
    batch: db.batch([{ type: 'put', key: 'in a batch', value: 'x' }]),
    delete: db.del('nothing'),
    clear: db.clear({ gte: 'in a batch', lte: 'in a batch' }),
    takeSnapshot: db.takeSnapshot(),
    metrics: db.metrics(),
    info: db.info(),
  }).map(([name, work]) => codeAfter(name, work));
}

for (const roles of [['log'], ['state'], ['compute'], ['log', 'state', 'compute']] as const) {
  test(`${roles.join(', ')} thread killed while busy: all is answered, nothing is lost`, () =>
    inFolder(async (folder) => {
      const db = await opened(folder);
      const puts = new Puts(db);
      puts.start(500);
      await puts.outcomes.get('key 0');
      puts.start(2000);
      const others = everything(db);
      const killed = roles.map(kill);
      await Promise.all(killed);
      await Promise.all(others);
      const acknowledged = await puts.acknowledged();
      const next = await codeAfter('a put after the death', db.put('late', 'late'.repeat(50)));
      if (roles.includes('compute' as never) && roles.length === 1) {
        assert.is(next, 'ok');
        assert.is(acknowledged.length, puts.outcomes.size);
      } else {
        assert.is.not(next, 'ok');
        assert.is((await db.health()).verdict, 'failed');
      }
      await answered('closing', db.close());
      await assertReopens(folder, acknowledged);
    }));
}

for (const role of ['log', 'state'] as const) {
  test(`${role} thread killed while idle: the next write says so, closing works`, () =>
    inFolder(async (folder) => {
      const db = await opened(folder);
      await kill(role);
      const codes = new Set<string>();
      for (let i = 0; i < 100; i++) codes.add(await codeAfter('a put', db.put(`${i}`, 'x')));
      assert.ok(
        [...codes].some((code) => code !== 'ok'),
        [...codes].join(', '),
      );
      assert.is(await codeAfter('a read', db.get(canary)), 'ok');
      await answered('closing', db.close());
      await assertReopens(folder, []);
    }));

  test(`${role} thread killed while idle, then closed at once`, () =>
    inFolder(async (folder) => {
      const db = await opened(folder);
      await kill(role);
      // In sync durability nothing is at stake, but the owner is told that a thread had died.
      assert.match(await codeAfter('closing', db.close()), /^(ok|THEMIS_TASK_FAILED)$/);
      await answered('closing again', db.close());
      await assertReopens(folder, []);
    }));

  test(`${role} thread killed while closing: it ends, and what was acknowledged is there`, () =>
    inFolder(async (folder) => {
      const db = await opened(folder);
      const puts = new Puts(db);
      puts.start(2000);
      const closing = codeAfter('closing', db.close());
      const death = kill(role);
      await closing;
      await death;
      await assertReopens(folder, await puts.acknowledged());
    }));
}

for (const role of ['log', 'state'] as const) {
  test(`${role} thread killed while opening: a typed error, and the folder opens after it`, () =>
    inFolder(async (folder) => {
      await (await opened(folder)).close();
      let killed: Promise<number> | null = null;
      onStarted = (started, worker) => {
        // Loaded, and not yet at work: Node 20 aborts when a thread ends while it loads modules.
        if (started === role) killed ??= once(worker, 'message').then(() => worker.terminate());
      };
      const code = await codeAfter('opening', open(folder, options));
      assert.ok(killed !== null);
      await killed;
      assert.match(code, /^THEMIS_/, code);
      onStarted = () => undefined;
      await assertReopens(folder, []);
    }));
}

test('a compute thread killed while it takes a snapshot: typed, and the next one succeeds', () =>
  inFolder(async (folder) => {
    const db = await opened(folder);
    const busy = codeAfter('the snapshot', db.takeSnapshot());
    // Applied first, so that the task is under way or about to start when its thread ends.
    await db.iterator({ limit: 1 }).all();
    const death = kill('compute');
    const code = await busy;
    await death;
    assert.ok(code === 'ok' || code === 'THEMIS_TASK_FAILED', code);
    await answered('the next snapshot', db.takeSnapshot());
    assert.is.not((await db.info()).snapshotIndex, 0);
    await answered('closing', db.close());
    await assertReopens(folder, []);
  }));

test.run();
