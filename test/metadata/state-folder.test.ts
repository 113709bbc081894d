/** Opening the state: what is usable is used, everything else is built anew or refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import {
  asidePath,
  type KeyValueStore,
  MemoryStores,
  type OpenedState,
  openState,
  type StateEntry,
  type StateFolderOptions,
} from '../../src/metadata/index.js';
import { historyKey, metaKey } from '../../src/metadata/state-key.js';
import { encodeCurrent, encodeMeta, stateFormat } from '../../src/metadata/state-record.js';
import { clusterId } from './state-under-test.js';

const path = '/state';
const value = Buffer.from('value');
const key = (n: number): Uint8Array => Uint8Array.from(Buffer.from(String(n).padStart(6, '0')));

function* entriesUpTo(count: number): Generator<StateEntry> {
  for (let n = 0; n < count; n++) yield { key: key(n), value, version: n + 1, kind: 0 };
}

function optionsOf(
  stores: MemoryStores,
  changes: Partial<StateFolderOptions> = {},
): StateFolderOptions {
  return {
    stores,
    path,
    kernel,
    clusterId,
    damage: null,
    logStart: 3,
    logEnd: 20,
    source: { index: 5, ballot: 2, entries: () => entriesUpTo(5) },
    ...changes,
  };
}

async function put(store: KeyValueStore, at: Uint8Array, record: Uint8Array): Promise<void> {
  const batch = store.batch();
  batch.put(at, record);
  await store.write(batch, { sync: true });
}

/** Entries in all, read back one by one. */
async function count(opened: OpenedState): Promise<number> {
  const iterator = opened.store.iterate({ lt: Uint8Array.of(0xff) });
  const entries = await iterator.nextv(1 << 20);
  await iterator.close();
  return entries.length;
}

test('a missing folder is built from the source, and is used as it is the next time', async () => {
  const stores = new MemoryStores();
  const built = await openState(optionsOf(stores));
  assert.match(built.rebuilt ?? '', 'missing');
  assert.is(await count(built), 5);
  assert.is(built.meta.appliedIndex, 5);
  assert.is(built.meta.appliedBallot, 2);
  const record = encodeCurrent(kernel, key(4), 5, value, 0);
  assert.equal(built.store.getSync(key(4)), Buffer.from(record));
  await built.store.close();
  stores.crash(path, 0);
  const again = await openState(optionsOf(stores));
  assert.is(again.rebuilt, null, 'a build is durable when it is done');
  assert.equal(again.meta, built.meta);
});

test('the first open of an empty engine is no rebuild', async () => {
  const source = { index: 0, ballot: 0, entries: () => [] };
  const opened = await openState(optionsOf(new MemoryStores(), { source, logStart: 0, logEnd: 0 }));
  assert.is(opened.rebuilt, null);
  assert.is(opened.meta.appliedIndex, 0);
});

const meta = { format: stateFormat, clusterId, appliedIndex: 7, appliedBallot: 2 };

test('whatever is unusable is built anew, which says why and keeps the old one', async () => {
  const cases: [string, RegExp, (stores: MemoryStores) => Promise<Partial<StateFolderOptions>>][] =
    [
      ['damage', /block 7/, async () => ({ damage: 'block 7 is damaged' })],
      [
        'open error',
        /CURRENT/,
        async (stores) => {
          stores.refuse(path, new ThemisError('THEMIS_STATE_CORRUPT', 'CURRENT is broken'));
          return {};
        },
      ],
      ['no meta record', /unfinished/, (stores) => withMeta(stores, null)],
      ['damaged meta', /meta record/, (stores) => withMeta(stores, new Uint8Array(40))],
      ['short meta', /meta record/, (stores) => withMeta(stores, new Uint8Array(3))],
      [
        'older',
        /format 0/,
        (stores) => withMeta(stores, encodeMeta(kernel, { ...meta, format: 0 })),
      ],
      [
        'foreign',
        /another cluster/,
        (stores) =>
          withMeta(stores, encodeMeta(kernel, { ...meta, clusterId: new Uint8Array(16) })),
      ],
      [
        'behind the log',
        /ends at 2/,
        (stores) => withMeta(stores, encodeMeta(kernel, { ...meta, appliedIndex: 2 })),
      ],
      [
        'ahead of the log',
        /ends at 21/,
        (stores) => withMeta(stores, encodeMeta(kernel, { ...meta, appliedIndex: 21 })),
      ],
    ];
  for (const [name, why, prepare] of cases) {
    const stores = new MemoryStores();
    const first = await openState(optionsOf(stores));
    await put(first.store, key(99), value);
    await first.store.close();
    const opened = await openState(optionsOf(stores, await prepare(stores)));
    assert.match(opened.rebuilt ?? '', why, name);
    assert.is(await count(opened), 5, `${name}: nothing of the old state is left`);
    assert.ok(stores.exists(asidePath(path)), `${name}: the old state is kept aside`);
    assert.is((await openState(optionsOf(stores))).rebuilt, null, `${name}: once is enough`);
  }
});

async function withMeta(stores: MemoryStores, record: Uint8Array | null): Promise<object> {
  const store = await stores.open(path);
  if (record !== null) await put(store, metaKey, record);
  else await store.clear({ gte: metaKey, lte: metaKey });
  await store.close();
  return {};
}

test('the edges of the log are usable', async () => {
  for (const appliedIndex of [3, 20]) {
    const stores = new MemoryStores();
    await (await openState(optionsOf(stores))).store.close();
    await withMeta(stores, encodeMeta(kernel, { ...meta, appliedIndex }));
    assert.is((await openState(optionsOf(stores))).rebuilt, null, String(appliedIndex));
  }
});

test('a newer format and a lock are refused, and nothing is touched', async () => {
  const stores = new MemoryStores();
  await (await openState(optionsOf(stores))).store.close();
  await withMeta(stores, encodeMeta(kernel, { ...meta, format: stateFormat + 1 }));
  await rejects(stores, 'THEMIS_FORMAT_NEWER');
  stores.refuse(path, new ThemisError('LEVEL_LOCKED', 'open elsewhere'));
  await rejects(stores, 'LEVEL_LOCKED');
  assert.not(stores.exists(asidePath(path)));
});

test('history of an earlier process is removed', async () => {
  const stores = new MemoryStores();
  const first = await openState(optionsOf(stores));
  await put(first.store, historyKey(key(1), 1), value);
  await first.store.close();
  const again = await openState(optionsOf(stores));
  assert.is(again.store.getSync(historyKey(key(1), 1)), undefined);
  assert.is(await count(again), 5);
});

test('a build that is interrupted is begun again', async () => {
  const entries = limits.applyOperationsMax * 2 + 10;
  const stores = new MemoryStores();
  const interrupted = {
    index: 5,
    ballot: 2,
    *entries(): Generator<StateEntry> {
      yield* entriesUpTo(entries - 1);
      throw new ThemisError('THEMIS_SNAPSHOT_CORRUPT', 'the last chunk is damaged');
    },
  };
  try {
    await openState(optionsOf(stores, { source: interrupted }));
    assert.unreachable('an interrupted build was used');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_SNAPSHOT_CORRUPT'), String(error));
  }
  const progress: number[] = [];
  const source = { index: 5, ballot: 2, entries: () => entriesUpTo(entries) };
  const onProgress = (done: number): void => void progress.push(done);
  const opened = await openState(optionsOf(stores, { source, onProgress }));
  assert.match(opened.rebuilt ?? '', 'unfinished');
  assert.is(await count(opened), entries);
  const batch = limits.applyOperationsMax;
  assert.equal(progress, [batch, batch * 2, entries, entries]);
});

async function rejects(stores: MemoryStores, code: 'THEMIS_FORMAT_NEWER' | 'LEVEL_LOCKED') {
  try {
    await openState(optionsOf(stores));
    assert.unreachable('a state that must be refused was opened');
  } catch (error) {
    assert.ok(isThemisError(error, code), String(error));
  }
}

test.run();
