/** Cursors: seeking among current and history records, and writes while they are created. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareBytes, isThemisError } from '../../src/base/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import {
  BlobReference,
  type KeyRange,
  MemoryStores,
  VersionedCursor,
} from '../../src/metadata/index.js';
import { userKeysEnd } from '../../src/metadata/state-key.js';
import { StateUnderTest } from './state-under-test.js';

const keyTable = ['', '00', '0000', '61', '6100', '61ff', 'fe', 'fe61', 'ff', 'ff68'];
const keys = keyTable.map((name) => Uint8Array.from(Buffer.from(name, 'hex')));

/** At version 1 all keys have values; some are replaced at 2, others deleted, one is new. */
async function withHistory(): Promise<{ state: StateUnderTest; held: number }> {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const first = keys.filter((_, i) => i % 4 !== 3);
  state.commit(first.map((key, i) => ({ key, value: Uint8Array.of(i) })));
  await state.apply(1);
  state.live.acquire(1);
  state.commit(
    keys
      .filter((_, i) => i % 2 === 1 || i % 5 === 0)
      .map((key, i) => ({ key, value: i % 3 === 0 ? null : Uint8Array.of(100 + i) })),
  );
  await state.apply(2);
  return { state, held: 1 };
}

const key = fc.constantFrom(...keys, Uint8Array.of(0x61, 0x00, 0x00), Uint8Array.of(0xff, 0xff));
const bound = fc.option(key, { nil: undefined });
const range: fc.Arbitrary<KeyRange> = fc
  .tuple(fc.boolean(), bound, fc.boolean(), bound, fc.boolean())
  .map(([inclusive, low, closed, high, reverse]) => ({
    ...(low !== undefined && { [inclusive ? 'gte' : 'gt']: low }),
    ...(high !== undefined && { [closed ? 'lte' : 'lt']: high }),
    reverse,
  }));

function inRange(target: Uint8Array, { gte, gt, lt, lte }: KeyRange): boolean {
  if (gte !== undefined && compareBytes(target, gte) < 0) return false;
  if (gt !== undefined && compareBytes(target, gt) <= 0) return false;
  if (lt !== undefined && compareBytes(target, lt) >= 0) return false;
  return lte === undefined || compareBytes(target, lte) <= 0;
}

test('after a seek come the keys from the target on; none for one outside the range', async () => {
  const { state, held } = await withHistory();
  assert.ok(state.live.historyRecords > 2, 'both spaces take part');
  await fc.assert(
    fc.asyncProperty(
      range,
      fc.array(fc.tuple(key, fc.integer({ min: 1, max: 4 })), { maxLength: 4 }),
      fc.constantFrom(held, 2),
      async (where, seeks, version) => {
        const cursor = state.reader.iterate(where, version);
        for (const [target, step] of seeks) {
          cursor.seek(target);
          const hex = Buffer.from(target).toString('hex');
          const all = inRange(target, where) ? state.expectedEntries(where, version) : [];
          const order = where.reverse === true ? -1 : 1;
          const expected = all.filter(
            ([found]) => (found < hex ? -1 : found > hex ? 1 : 0) * order >= 0,
          );
          const got = (await cursor.nextv(step)).map(([found]) =>
            Buffer.from(found).toString('hex'),
          );
          assert.ok(got.length > 0 || expected.length === 0);
          assert.equal(
            got,
            expected.slice(0, got.length).map(([found]) => found),
          );
        }
        await cursor.close();
      },
    ),
    { numRuns: 500 },
  );
});

test('history that is written while a cursor is created counts once', async () => {
  const { state, held } = await withHistory();
  const expected = state.expectedEntries({}, held);
  // The current records are those of now; the history is that of after the next batches.
  const early = state.store.iterate({ lt: userKeysEnd });
  state.commit(keys.map((one) => ({ key: one, value: Uint8Array.of(7) })));
  state.commit(keys.map((one) => ({ key: one, value: null })));
  await state.apply(4);
  let created = 0;
  const store = Object.assign(Object.create(state.store), {
    iterate: (where: KeyRange) => (created++ === 0 ? early : state.store.iterate(where)),
  });
  const cursor = new VersionedCursor(store, portableKernel, state.live, {}, held);
  const found: [string, string][] = [];
  for (;;) {
    const entries = await cursor.nextv(3);
    if (entries.length === 0) break;
    for (const [one, value] of entries) {
      found.push([
        Buffer.from(one).toString('hex'),
        value instanceof BlobReference ? '' : value.toString('hex'),
      ]);
    }
  }
  await cursor.close();
  assert.is(created, 2);
  assert.equal(found, expected);
});

test('a cursor needs its snapshot no longer once it exists', async () => {
  const { state, held } = await withHistory();
  const expected = state.expectedEntries({}, held);
  const opened = state.entries({}, held, 2);
  state.live.release(held);
  while (await state.applier.prune());
  assert.is(state.live.historyRecords, 0);
  assert.equal(await opened, expected);
});

test('a closed cursor refuses to go on, and closing twice is fine', async () => {
  const { state } = await withHistory();
  const cursor = state.reader.iterate({}, 2);
  await cursor.close();
  await cursor.close();
  try {
    await cursor.nextv(1);
    assert.unreachable('a closed cursor answered');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_CLOSED'));
  }
});

test.run();
