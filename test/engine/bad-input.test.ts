/**
 * Bad arguments and wrong use of an open database: each is answered with its code at once, and
 * costs nothing: what was written before still reads back, and writing goes on.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, errorCodes } from '../../src/base/index.js';
import { limits, type Option, optionTable } from '../../src/config/index.js';
import { open, Themis, type ThemisOptions } from '../../src/index.js';
import { runWriter } from '../crash/writer-process.js';

const MiB = 1024 * 1024;
const options = { segmentBytes: MiB } as const;
const parent = mkdtempSync(join(tmpdir(), 'themis-bad-'));
const shared = join(parent, 'shared');
const asBytes = { valueEncoding: 'buffer' } as const;
let canaries = 0;

test.after(() => rmSync(parent, { recursive: true, force: true }));

/** The code of what is thrown or rejected, its class where it has none, or `ok`. */
async function codeFrom(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    // What opening failed with is the cause of abstract-level's own error.
    const cause = error instanceof Error ? codeOf(error.cause) : undefined;
    const own = codeOf(error) ?? (error instanceof Error ? error.constructor.name : 'no error');
    return own === 'LEVEL_DATABASE_NOT_OPEN' && cause !== undefined ? cause : own;
  }
}

async function assertAlive(db: Themis): Promise<void> {
  assert.is(await db.get('canary'), 'sings');
  const key = `canary ${++canaries}`;
  await db.put(key, key);
  assert.is(db.getSync(key), key);
}

async function withDatabase(work: (db: Themis, folder: string) => Promise<void>): Promise<void> {
  const folder = join(parent, `own-${++canaries}`);
  const db = await open(folder, options);
  try {
    await db.put('canary', 'sings');
    await work(db, folder);
  } finally {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A value that the types forbid, as a program without types would give it. */
function wrong<T>(value: unknown): T {
  return value as T;
}

type Row = readonly [what: string, code: string, work: (db: Themis) => unknown];

const keyTooLong = 'k'.repeat(limits.keyBytesMax + 1);
const longest = 'k'.repeat(limits.keyBytesMax);
const valueTooLong = Buffer.alloc(limits.valueBytesMax + 1);
const put = (key: string) => ({ type: 'put', key, value: 'v' }) as const;

const rows: readonly Row[] = [
  ['a key of null', 'LEVEL_INVALID_KEY', (db) => db.put(wrong(null), 'v')],
  ['a key of undefined', 'LEVEL_INVALID_KEY', (db) => db.put(wrong(undefined), 'v')],
  ['a key of null for get', 'LEVEL_INVALID_KEY', (db) => db.get(wrong(null))],
  ['a key of undefined for getSync', 'LEVEL_INVALID_KEY', (db) => db.getSync(wrong(undefined))],
  ['a key of undefined for del', 'LEVEL_INVALID_KEY', (db) => db.del(wrong(undefined))],
  ['a key of null for has', 'LEVEL_INVALID_KEY', (db) => db.has(wrong(null))],
  ['keys that are no list', 'TypeError', (db) => db.getMany(wrong('abc'))],
  ['a key of null among many', 'LEVEL_INVALID_KEY', (db) => db.getMany(['canary', wrong(null)])],
  ['an empty key', 'ok', (db) => db.put('', 'v')],
  ['the longest key', 'ok', (db) => db.put(longest, 'v')],
  ['a key too long', 'THEMIS_KEY_TOO_LARGE', (db) => db.put(keyTooLong, 'v')],
  ['a key too long in bytes', 'THEMIS_KEY_TOO_LARGE', (db) => db.put('é'.repeat(8193), 'v')],
  ['deleting a key too long', 'THEMIS_KEY_TOO_LARGE', (db) => db.del(keyTooLong)],
  ['reading a key too long', 'ok', (db) => db.get(keyTooLong)],
  ['a value of null', 'LEVEL_INVALID_VALUE', (db) => db.put('k', wrong(null))],
  ['a value of undefined', 'LEVEL_INVALID_VALUE', (db) => db.put('k', wrong(undefined))],
  ['an empty value', 'ok', (db) => db.put('k', '')],
  [
    'a value too long for the log',
    'ok',
    (db) => db.put<string, Buffer>('k', valueTooLong, asBytes),
  ],
  [
    'a value too long for the segments',
    'ok',
    (db) => db.put<string, Buffer>('k', valueTooLong.subarray(0, MiB), asBytes),
  ],
  [
    'a value too long for the log in a batch',
    'ok',
    (db) => db.batch<string, Buffer>([{ type: 'put', key: 'k', value: valueTooLong }], asBytes),
  ],
  ['a batch that is no list', 'TypeError', (db) => db.batch(wrong({ type: 'put' }))],
  ['a batch of null', 'TypeError', (db) => db.batch(wrong(null))],
  ['an operation of no type', 'TypeError', (db) => db.batch([wrong({ key: 'k', value: 'v' })])],
  ['an operation of wrong type', 'TypeError', (db) => db.batch([wrong({ type: 'x', key: 'k' })])],
  ['an operation that is none', 'LEVEL_INVALID_KEY', (db) => db.batch([wrong(null)])],
  ['a bad key in a batch', 'LEVEL_INVALID_KEY', (db) => db.batch([put('a'), put(wrong(null))])],
  ['a long key in a batch', 'THEMIS_KEY_TOO_LARGE', (db) => db.batch([put('a'), put(keyTooLong)])],
  ['an empty batch', 'ok', (db) => db.batch([])],
  [
    'too many operations',
    'THEMIS_BATCH_TOO_LARGE',
    (db) => db.batch(Array.from({ length: limits.batchOperationsMax + 1 }, () => put('a'))),
  ],
  [
    'too many bytes in a batch',
    'THEMIS_BATCH_TOO_LARGE',
    (db) =>
      db.batch(Array.from({ length: 20 }, () => ({ ...put('a'), value: 'x'.repeat(60_000) }))),
  ],
  [
    'an unknown encoding of a call',
    'LEVEL_ENCODING_NOT_FOUND',
    (db) => db.get('k', wrong<object>({ keyEncoding: 'no' })),
  ],
  [
    'a wrong encoding of a call',
    'TypeError',
    (db) => db.put('k', 'v', wrong({ valueEncoding: 5 })),
  ],
  ['a bound of null, which is no bound', 'ok', (db) => db.iterator({ gte: wrong(null) }).all()],
  ['a negative size', 'ok', (db) => db.iterator().nextv(-1)],
  ['a size that is no number', 'TypeError', (db) => db.iterator().nextv(wrong('ten'))],
  [
    'two reads of one iterator at once',
    'LEVEL_ITERATOR_BUSY',
    async (db) => {
      const iterator = db.iterator();
      try {
        await Promise.all([iterator.next(), iterator.next()]);
      } finally {
        await iterator.close();
      }
    },
  ],
  [
    'a read of a closed iterator',
    'LEVEL_ITERATOR_NOT_OPEN',
    async (db) => {
      const iterator = db.iterator();
      await iterator.close();
      await iterator.next();
    },
  ],
  ...(['get', 'getMany', 'getSync', 'iterator', 'has'] as const).map(
    (name): Row => [
      `${name} at a closed snapshot`,
      'LEVEL_SNAPSHOT_NOT_OPEN',
      async (db) => {
        const snapshot = db.snapshot();
        await snapshot.close();
        if (name === 'get') await db.get('canary', { snapshot });
        if (name === 'getMany') await db.getMany(['canary'], { snapshot });
        if (name === 'getSync') db.getSync('canary', { snapshot });
        if (name === 'iterator') await db.iterator({ snapshot }).all();
        if (name === 'has') await db.has('canary', { snapshot });
      },
    ],
  ),
];

test('bad keys, values, batches, encodings and reads: the code, and nothing is lost', async () => {
  const db = await open(shared, options);
  await db.put('canary', 'sings');
  for (const [what, code, work] of rows) {
    assert.is(await codeFrom(() => work(db)), code, what);
    await assertAlive(db);
  }
  assert.is(await db.get('a'), undefined, 'nothing of a refused batch was written');
  await db.close();
  const again = await open(shared, options);
  await assertAlive(again);
  for (let i = 1; i < canaries; i++) assert.is(await again.get(`canary ${i}`), `canary ${i}`);
  await again.close();
});

test('a snapshot of another database, or something else in its place, is refused', () =>
  withDatabase((one) =>
    withDatabase(async (other) => {
      const snapshot = other.snapshot();
      const outcomes = [
        await codeFrom(() => one.get('canary', { snapshot })),
        await codeFrom(() => one.getSync('canary', { snapshot: wrong<never>({}) })),
      ];
      assert.equal(outcomes, ['THEMIS_CONFIG_INVALID', 'TypeError']);
      await snapshot.close();
      await assertAlive(one);
    }),
  ));

/** Values that this option must not have. */
function wrongValues({ range }: Option): readonly unknown[] {
  const never = [null, {}, [], () => 1, Symbol('x'), Number.NaN];
  switch (range.kind) {
    case 'boolean':
      return [...never, 'yes', 1];
    case 'text':
      return [...never, '', 5, true];
    case 'encoding':
      return ['', 5, true, 'no such encoding', {}, null];
    case 'paths':
    case 'redundancy':
    case 'redundancyByPrefix':
      return [...never, '', 5, true, ['']];
    case 'choice':
      return [...never, '', 'no such choice', 5, true];
    case 'integer':
    case 'bytes': {
      const outside = [range.min - 1, range.max + 1, range.min + 0.5, -1, Infinity];
      return [...never, ...outside, '', 'ten', '-5', true, String(range.min - 1)];
    }
  }
}

test('every option with every wrong value is refused before anything is touched', async () => {
  let tried = 0;
  for (const option of optionTable) {
    for (const value of wrongValues(option)) {
      const folder = join(parent, 'never');
      const given: Record<string, unknown> = { location: folder, [option.name]: wrong(value) };
      const { location, ...rest } = given;
      const code = await codeFrom(() => open(wrong(location), wrong(rest)));
      const expected =
        option.range.kind === 'encoding'
          ? /^(THEMIS_CONFIG_INVALID|LEVEL_ENCODING_NOT_FOUND|LEVEL_ENCODING_NOT_SUPPORTED|TypeError)$/
          : /^THEMIS_CONFIG_INVALID$/;
      assert.match(code, expected, `${option.name} is ${String(value)}`);
      assert.not(existsSync(folder), `${option.name} is ${String(value)}`);
      tried++;
    }
  }
  assert.ok(tried > 100);
  for (const given of [{ segmentByte: MiB }, { sync: true }, { toString: 1 }, 'text', ['list']]) {
    assert.is(await codeFrom(() => open(shared, wrong(given))), 'THEMIS_CONFIG_INVALID');
  }
});

const calls: Readonly<Record<string, (db: Themis) => unknown>> = {
  put: (db) => db.put('k', 'v'),
  del: (db) => db.del('k'),
  batch: (db) => db.batch([put('k')]),
  'chained batch': (db) => db.batch().put('k', 'v').write(),
  get: (db) => db.get('k'),
  getSync: (db) => db.getSync('k'),
  getMany: (db) => db.getMany(['k']),
  has: (db) => db.has('k'),
  clear: (db) => db.clear(),
  iterator: (db) => db.iterator().all(),
  keys: (db) => db.keys().all(),
  snapshot: (db) => db.snapshot(),
  health: (db) => db.health(),
  info: (db) => db.info(),
  metrics: (db) => db.metrics(),
  takeSnapshot: (db) => db.takeSnapshot(),
};

test('every call on a closed database is refused; closing twice is fine; it can be reopened', () =>
  withDatabase(async (db) => {
    await Promise.all([db.close(), db.close()]);
    await db.close();
    for (const [name, call] of Object.entries(calls)) {
      const code = await codeFrom(() => call(db));
      assert.match(code, /^(LEVEL_(DATABASE|ITERATOR|BATCH)_NOT_OPEN|THEMIS_CLOSED)$/, name);
    }
    await db.open();
    await assertAlive(db);
  }));

test('closing with 10,000 puts in flight answers each; what was acknowledged is there', () =>
  withDatabase(async (db, folder) => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `key ${i}`);
    const answers = keys.map((key) => codeFrom(() => db.put(key, key.repeat(20))));
    const iterator = db.iterator();
    const reading = codeFrom(() => iterator.all());
    const [codes] = await Promise.all([Promise.all(answers), db.close()]);
    await reading;
    const again = await open(folder, options);
    const values = await again.getMany(keys);
    for (const [at, key] of keys.entries()) {
      const code = codes[at] ?? '';
      if (code === 'ok') assert.is(values[at], key.repeat(20));
      else assert.ok(code in errorCodes || code.startsWith('LEVEL_'), code);
    }
    assert.ok(codes.includes('ok'));
    await again.close();
  }));

test('iterators and snapshots left open do not hold up a close, and are refused after it', () =>
  withDatabase(async (db, folder) => {
    await db.batch(Array.from({ length: 3000 }, (_, i) => put(`k${i}`)));
    const iterators = Array.from({ length: 50 }, () => db.iterator());
    const snapshots = Array.from({ length: 50 }, () => db.snapshot());
    const pending = iterators.map((iterator, at) => codeFrom(() => at % 2 && iterator.next()));
    await db.close();
    await Promise.all(pending);
    for (const iterator of iterators) {
      assert.is(await codeFrom(() => iterator.next()), 'LEVEL_ITERATOR_NOT_OPEN');
    }
    const [snapshot] = snapshots;
    const again = await open(folder, options);
    assert.is.not(await codeFrom(() => db.get('canary', wrong<object>({ snapshot }))), 'ok');
    assert.is((await again.info()).liveSnapshots, 0);
    await assertAlive(again);
    await again.close();
  }));

test('too many snapshots: refused with a code, and one closed makes room', () =>
  withDatabase(async (db) => {
    const snapshots = Array.from({ length: limits.liveSnapshotsMax }, () => db.snapshot());
    // Some room may be taken by versions that are shared, none may be promised that is not there.
    const code = await codeFrom(() => {
      for (let i = 0; i < limits.liveSnapshotsMax; i++) snapshots.push(db.snapshot());
    });
    assert.is(code, 'THEMIS_SNAPSHOT_LIMIT');
    await snapshots.pop()?.close();
    snapshots.push(db.snapshot());
    await Promise.all(snapshots.map((snapshot) => snapshot.close()));
    await assertAlive(db);
  }));

test('a folder that is open is refused here and in another process, and serves on', () =>
  withDatabase(async (db, folder) => {
    assert.is(await codeFrom(() => open(folder, options)), 'LEVEL_LOCKED');
    assert.is(await codeFrom(() => new Themis(folder, options).open()), 'LEVEL_LOCKED');
    const job = { folder, seed: 1, round: 1, options, snapshots: false };
    const child = await runWriter(job, null);
    assert.match(child.errors, 'LEVEL_LOCKED');
    assert.not(child.ready);
    await assertAlive(db);
    await db.close();
    const reopened: ThemisOptions = { ...options };
    const again = await open(folder, reopened);
    await assertAlive(again);
    await again.close();
  }));

test('opening and closing in any order, without waiting, ends in the last state asked for', () =>
  withDatabase(async (db) => {
    const steps = [db.close(), db.open(), db.close(), db.open()].map((step) =>
      codeFrom(() => step),
    );
    const codes = await Promise.all(steps);
    for (const code of codes) assert.match(code, /^(ok|LEVEL_DATABASE_NOT_(OPEN|CLOSED))$/);
    assert.is(db.status, 'open');
    await assertAlive(db);
  }));

test.run();
