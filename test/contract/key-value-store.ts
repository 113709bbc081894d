/** What every KeyValueStore promises, as a suite to be called once per implementation. */

import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import type {
  KeyRange,
  KeyValueIterator,
  KeyValueStore,
  KeyValueStores,
} from '../../src/metadata/index.js';
import type { Register } from './register.js';

export interface StoresHarness {
  readonly stores: KeyValueStores;
  /** A path that no store uses yet. */
  path(): string;
}

const sync = { sync: false } as const;

export function keyValueStoreContract(
  test: Register,
  name: string,
  create: () => StoresHarness,
): void {
  const withStore = (title: string, body: (store: KeyValueStore) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const { stores, path } = create();
      const store = await stores.open(path());
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
  readContract(withStore);
  iterateContract(withStore);
  handleContract(test, name, create);
}

type WithStore = (title: string, body: (store: KeyValueStore) => Promise<void>) => void;

function readContract(withStore: WithStore): void {
  withStore('every way to read returns what was put, and undefined for the rest', async (store) => {
    await fill(store, ['', 'a', 'b\0', '\u00ff']);
    for (const key of ['', 'a', 'b\0', '\u00ff', 'b', 'c']) {
      const expected = ['b', 'c'].includes(key) ? undefined : `value of ${key}`;
      assert.is(text(store.getSync(bytes(key))), expected);
      assert.is(text(await store.get(bytes(key))), expected);
    }
    const many = await store.getMany([bytes('a'), bytes('x'), bytes('')]);
    assert.equal(many.map(text), ['value of a', undefined, 'value of ']);
  });

  withStore('an empty value is a value', async (store) => {
    const batch = store.batch();
    batch.put(bytes('k'), new Uint8Array(0));
    await store.write(batch, sync);
    assert.is(store.getSync(bytes('k'))?.length, 0);
  });

  withStore(
    'the last operation on a key in a batch wins; a batch may be used again',
    async (store) => {
      const batch = store.batch();
      batch.put(bytes('a'), bytes('1'));
      batch.put(bytes('a'), bytes('2'));
      batch.put(bytes('b'), bytes('1'));
      batch.delete(bytes('b'));
      await store.write(batch, { sync: true });
      assert.is(text(store.getSync(bytes('a'))), '2');
      assert.is(store.getSync(bytes('b')), undefined);
      batch.clear();
      batch.put(bytes('c'), bytes('3'));
      await store.write(batch, sync);
      assert.equal(await keys(store, {}), ['a', 'c']);
    },
  );

  withStore(
    'a batch copies, also from shared memory: the bytes may change after put',
    async (store) => {
      const memory = new Uint8Array(new SharedArrayBuffer(64));
      memory.set(bytes('keyvalue'));
      const batch = store.batch();
      batch.put(memory.subarray(0, 3), memory.subarray(3, 8));
      memory.fill(0);
      await store.write(batch, sync);
      assert.is(text(store.getSync(bytes('key'))), 'value');
    },
  );

  withStore('what was read belongs to the caller', async (store) => {
    await fill(store, ['a']);
    store.getSync(bytes('a'))?.fill(0);
    assert.is(text(store.getSync(bytes('a'))), 'value of a');
  });

  withStore('a read sees the store as of its call', async (store) => {
    await fill(store, ['a']);
    const before = [store.get(bytes('a')), store.getMany([bytes('a')]).then(([one]) => one)];
    const batch = store.batch();
    batch.delete(bytes('a'));
    await store.write(batch, sync);
    assert.equal((await Promise.all(before)).map(text), ['value of a', 'value of a']);
    assert.is(await store.get(bytes('a')), undefined);
  });
}

function iterateContract(withStore: WithStore): void {
  const all = ['', 'a', 'a\0', 'aa', 'b', '\u00fe', '\u00ff', '\u00ffz'];

  withStore('ranges of every shape hold what a sorted list holds, both ways', async (store) => {
    await fill(store, all);
    for (const low of ['', 'a', 'ab', '\u00ff'])
      for (const high of ['', 'a\0', 'b', 'x', '\u00ffzz'])
        for (const lower of ['gte', 'gt'] as const)
          for (const upper of ['lte', 'lt'] as const) {
            const expected = all.filter(
              (key) =>
                (lower === 'gte' ? key >= low : key > low) &&
                (upper === 'lte' ? key <= high : key < high),
            );
            const range = { [lower]: bytes(low), [upper]: bytes(high) };
            assert.equal(
              await keys(store, range),
              expected,
              JSON.stringify([low, high, lower, upper]),
            );
            assert.equal(await keys(store, { ...range, reverse: true }), [...expected].reverse());
          }
    assert.equal(await keys(store, {}), all);
    assert.equal(await keys(store, { reverse: true }), [...all].reverse());
  });

  withStore('an iterator sees the store as of its creation', async (store) => {
    await fill(store, ['a', 'b']);
    const iterator = store.iterate({});
    const batch = store.batch();
    batch.delete(bytes('a'));
    batch.put(bytes('c'), bytes('new'));
    await store.write(batch, sync);
    assert.equal(await rest(iterator), ['a', 'b']);
    await iterator.close();
    assert.equal(await keys(store, {}), ['b', 'c']);
  });

  withStore('nextv returns at most as many as asked for, and nothing at the end', async (store) => {
    await fill(store, ['a', 'b', 'c']);
    const iterator = store.iterate({});
    assert.is((await iterator.nextv(1)).length, 1);
    assert.is((await iterator.nextv(2)).length, 2);
    assert.is((await iterator.nextv(2)).length, 0);
    await iterator.close();
  });

  withStore(
    'seek goes to the next key in the direction, and nowhere outside the range',
    async (store) => {
      await fill(store, ['a', 'c', 'e', 'g']);
      const range = { gte: bytes('b'), lt: bytes('g') };
      const up = store.iterate(range);
      const down = store.iterate({ ...range, reverse: true });
      for (const [target, after, before] of [
        ['c', ['c', 'e'], ['c']],
        ['d', ['e'], ['c']],
        ['a', [], []],
        ['b', ['c', 'e'], []],
        ['f', [], ['e', 'c']],
        ['g', [], []],
        ['z', [], []],
      ] as const) {
        up.seek(bytes(target));
        assert.equal(await rest(up), [...after], `up to ${target}`);
        down.seek(bytes(target));
        assert.equal(await rest(down), [...before], `down to ${target}`);
      }
      await up.close();
      await down.close();
    },
  );

  withStore('clear removes the range and nothing else', async (store) => {
    await fill(store, all);
    await store.clear({ gt: bytes('a'), lte: bytes('b') });
    assert.equal(await keys(store, {}), ['', 'a', '\u00fe', '\u00ff', '\u00ffz']);
    await store.clear({});
    assert.equal(await keys(store, {}), []);
  });
}

function handleContract(test: Register, name: string, create: () => StoresHarness): void {
  test(`${name}: handles of one folder see each other's writes at once`, async () => {
    const { stores, path } = create();
    const place = path();
    const first = await stores.open(place);
    const second = await stores.open(place);
    await fill(second, ['a']);
    assert.is(text(first.getSync(bytes('a'))), 'value of a');
    await second.close();
    assert.is(text(first.getSync(bytes('a'))), 'value of a');
    await first.close();
  });

  test(`${name}: what was written is there after reopening, under a new name too`, async () => {
    const { stores, path } = create();
    const [from, to] = [path(), path()];
    assert.not(stores.exists(from));
    const store = await stores.open(from);
    await fill(store, ['a']);
    await store.close();
    assert.ok(stores.exists(from));
    stores.rename(from, to);
    assert.not(stores.exists(from));
    const again = await stores.open(to);
    assert.is(text(again.getSync(bytes('a'))), 'value of a');
    await again.close();
    stores.remove(to);
    stores.remove(to);
    assert.not(stores.exists(to));
  });

  test(`${name}: a closed store refuses every call with THEMIS_CLOSED`, async () => {
    const { stores, path } = create();
    const store = await stores.open(path());
    const batch = store.batch();
    await store.close();
    const calls: (() => unknown)[] = [
      () => store.getSync(bytes('a')),
      () => store.get(bytes('a')),
      () => store.getMany([bytes('a')]),
      () => store.batch(),
      () => store.write(batch, sync),
      () => store.iterate({}),
      () => store.clear({}),
    ];
    for (const call of calls) {
      try {
        await call();
        assert.unreachable('a closed store answered');
      } catch (error) {
        assert.ok(isThemisError(error, 'THEMIS_CLOSED'), String(error));
      }
    }
  });
}

async function fill(store: KeyValueStore, names: readonly string[]): Promise<void> {
  const batch = store.batch();
  for (const key of names) batch.put(bytes(key), bytes(`value of ${key}`));
  await store.write(batch, sync);
}

async function keys(store: KeyValueStore, range: KeyRange): Promise<string[]> {
  const iterator = store.iterate(range);
  try {
    return await rest(iterator);
  } finally {
    await iterator.close();
  }
}

async function rest(iterator: KeyValueIterator): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const entries = await iterator.nextv(3);
    if (entries.length === 0) return found;
    for (const [key] of entries) found.push(key.toString('latin1'));
  }
}

function bytes(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'latin1'));
}

function text(value: Buffer | undefined): string | undefined {
  return value?.toString('latin1');
}
