/** Themis as a Level: what it declares, what it passes on, and what it is before it is open. */
import { resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import type { ThemisOptions, ValidatedOptions } from '../../src/config/index.js';
import type { OpenStore } from '../../src/engine/open-store.js';
import { Themis } from '../../src/engine/themis.js';
import { type Machine, newMachine, openOn } from '../crash/memory-machine.js';

/** A database over a machine in memory; the options that reached the store are kept. */
function themisOn(machine: Machine, options: ThemisOptions = {}) {
  const seen: ValidatedOptions[] = [];
  const db = new Themis('/data', options, async (validated) => {
    seen.push(validated);
    return (await openOn(machine)).store;
  });
  return { db, seen };
}

const neverOpens: OpenStore = () =>
  Promise.reject(new ThemisError('THEMIS_CLOSED', 'this one is not opened'));

async function codeOf(work: () => Promise<unknown>): Promise<string | undefined> {
  return work().then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
}

test('the store gets checked options, and those of the open call', async () => {
  const { db, seen } = themisOn(newMachine(), { segmentBytes: 1 << 20, durability: 'buffered' });
  await db.open({ errorIfExists: true });
  const [options] = seen;
  assert.is(options?.location, '/data');
  assert.is(options?.segmentBytes, 1 << 20);
  assert.is(options?.durability, 'buffered');
  assert.is(options?.createIfMissing, true);
  assert.is(options?.errorIfExists, true);
  await db.close();
});

test('options of hooks pass, wrong values of known ones do not', () => {
  const hooks: Record<string, unknown> = { somethingOfAPlugin: 1 };
  assert.is(new Themis('/data', hooks, neverOpens).location, '/data');
  const wrong: Record<string, unknown> = { segmentBytes: 'large' };
  assert.throws(
    () => new Themis('/data', wrong, neverOpens),
    (error: unknown) => isThemisError(error, 'THEMIS_CONFIG_INVALID'),
  );
});

test('a location is one whole path from the beginning', () => {
  assert.is(new Themis('some/folder', {}, neverOpens).location, resolve('some/folder'));
});

test('devices are whole paths as well: the store remembers them', async () => {
  const { db, seen } = themisOn(newMachine(), { devices: ['a', '/b/'], spares: ['../c'] });
  await db.open();
  assert.equal(seen[0]?.devices, [resolve('a'), '/b']);
  assert.equal(seen[0]?.spares, [resolve('../c')]);
  await db.close();
});

test('what asks for the store itself is refused before open and after close', async () => {
  const { db } = themisOn(newMachine(), {});
  const asked = [() => db.health(), () => db.info(), () => db.metrics(), () => db.takeSnapshot()];
  await db.open();
  await db.close();
  for (const ask of asked) assert.is(await codeOf(ask), 'THEMIS_CLOSED');
  await db.open();
  for (const ask of asked) assert.is(await codeOf(ask), undefined);
  await db.close();
});

test('an operation that comes before open waits for it', async () => {
  const { db } = themisOn(newMachine());
  await db.put('k', 'v');
  assert.is(await db.get('k'), 'v');
  await db.close();
});

test('an open that fails is told as LEVEL_DATABASE_NOT_OPEN with its cause', async () => {
  const cause = new ThemisError('THEMIS_LOG_CORRUPT', 'damaged');
  const db = new Themis('/data', {}, () => Promise.reject(cause));
  const error = await db.open().then(
    () => null,
    (thrown: Error & { code?: string }) => thrown,
  );
  assert.is(error?.code, 'LEVEL_DATABASE_NOT_OPEN');
  assert.is(error?.cause, cause);
});

test('reads, writes and ranges arrive as they were meant, with encodings', async () => {
  const { db } = themisOn(newMachine(), { valueEncoding: 'json' });
  await db.batch(['a', 'b', 'c', 'd'].map((key, i) => ({ type: 'put', key, value: `${i}` })));
  assert.is(db.getSync('b'), '1');
  assert.equal(await db.getMany(['a', 'x', 'd']), ['0', undefined, '3']);
  assert.equal(await db.hasMany(['a', 'x']), [true, false]);
  assert.equal(await db.keys({ gt: 'a', lte: 'c', reverse: true }).all(), ['c', 'b']);
  assert.equal(await db.values({ limit: 2 }).all(), ['0', '1']);
  await db.clear({ gte: 'b', limit: 2 });
  assert.equal(await db.keys().all(), ['a', 'd']);
  await db.clear({ limit: 0 });
  assert.is((await db.keys().all()).length, 2);
  await db.clear();
  assert.equal(await db.keys().all(), []);
  await db.close();
});

test('a batch of nothing writes nothing', async () => {
  const { db } = themisOn(newMachine());
  await db.open();
  const before = (await db.info()).committedIndex;
  await db.batch([]);
  assert.is((await db.info()).committedIndex, before);
  await db.close();
});

test('an explicit snapshot serves every kind of read', async () => {
  const { db } = themisOn(newMachine());
  await db.put('k', 'old');
  const snapshot = db.snapshot();
  await db.batch([
    { type: 'put', key: 'k', value: 'new' },
    { type: 'put', key: 'l', value: 'later' },
  ]);
  assert.is(await db.get('k', { snapshot }), 'old');
  assert.equal(await db.getMany(['k', 'l'], { snapshot }), ['old', undefined]);
  assert.is(await db.has('l', { snapshot }), false);
  assert.equal(await db.iterator({ snapshot }).all(), [['k', 'old']]);
  await db.clear({ snapshot });
  assert.equal(await db.keys().all(), ['l'], 'what came after the snapshot is not cleared');
  await snapshot.close();
  await db.close();
});

test.run();
