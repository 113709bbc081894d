/** The whole state against its model: commits, snapshots, reads at versions, pruning, crashes. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { nodeFileSystem } from '../../src/io/index.js';
import { classicStores, type KeyRange, MemoryStores } from '../../src/metadata/index.js';
import { historyRange, versionsRange } from '../../src/metadata/state-key.js';
import type { Change } from './commands.js';
import { StateUnderTest } from './state-under-test.js';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-state-'));
let folders = 0;

/** Few keys, so that they are overwritten; some of them need escaping. */
const keyTable = ['', '00', '0000', '61', '6100', '61ff', 'fd', 'fe', 'fe61', 'ff', 'ff68', 'ff6d'];
const keys = keyTable.map((name) => Uint8Array.from(Buffer.from(name, 'hex')));
const key = fc.constantFrom(...keys);
const change: fc.Arbitrary<Change> = fc.record(
  {
    key,
    value: fc.option(fc.uint8Array({ maxLength: 6 }), { nil: null, freq: 4 }),
  },
  { noNullPrototype: true },
);
const bound = fc.option(key, { nil: undefined });
const range: fc.Arbitrary<KeyRange> = fc
  .tuple(fc.boolean(), bound, fc.boolean(), bound, fc.boolean())
  .map(([inclusive, low, closed, high, reverse]) => ({
    ...(low !== undefined && { [inclusive ? 'gte' : 'gt']: low }),
    ...(high !== undefined && { [closed ? 'lte' : 'lt']: high }),
    reverse,
  }));

type Step =
  | { readonly do: 'commit'; readonly changes: Change[] }
  | { readonly do: 'apply'; readonly behind: number }
  | { readonly do: 'acquire' }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'prune' }
  | { readonly do: 'read'; readonly which: number; readonly key: Uint8Array }
  | { readonly do: 'many'; readonly which: number }
  | {
      readonly do: 'iterate';
      readonly which: number;
      readonly range: KeyRange;
      readonly step: number;
      readonly meanwhile: Change[];
    }
  | { readonly do: 'crash'; readonly part: number };

const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const which = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('commit' as const), changes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('apply' as const), behind: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'acquire' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), which }) },
  { weight: 2, arbitrary: fc.constant({ do: 'prune' as const }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), which, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('many' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('iterate' as const),
      which,
      range,
      step: fc.integer({ min: 1, max: 5 }),
      meanwhile: changes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

async function perform(state: StateUnderTest, memory: MemoryStores | null, step: Step) {
  // An open snapshot, or the latest version.
  const version = 'which' in step ? (state.held[step.which] ?? state.committed) : 0;
  switch (step.do) {
    case 'commit':
      return state.commit(step.changes);
    case 'apply':
      return state.apply(Math.max(state.applier.appliedIndex, state.committed - step.behind));
    case 'acquire':
      state.live.acquire(state.committed);
      state.held.push(state.committed);
      return;
    case 'release':
      for (const released of state.held.splice(step.which, 1)) state.live.release(released);
      return;
    case 'prune':
      while (await state.applier.prune());
      return;
    case 'read': {
      const expected = state.expected(step.key, version);
      assert.equal(state.reader.getSync(step.key, version), expected);
      const pair = [
        state.reader.get(step.key, version),
        state.reader.get(keys[0] ?? step.key, version),
      ];
      assert.equal(await Promise.all(pair), [
        expected,
        state.expected(keys[0] ?? step.key, version),
      ]);
      return;
    }
    case 'many':
      assert.equal(
        await state.reader.getMany(keys, version),
        keys.map((one) => state.expected(one, version)),
      );
      return;
    case 'iterate':
      return iterate(state, version, step);
    case 'crash':
      if (memory === null) await state.close();
      else memory.crash(state.path, Math.floor(step.part * memory.unsynced(state.path)));
      return reopen(state);
  }
}

/** Before anything is applied again, the state is that of its applied index and no other. */
async function reopen(state: StateUnderTest): Promise<void> {
  const { rebuilt, meta } = await state.open();
  assert.is(rebuilt, null);
  assert.ok(meta.appliedIndex >= state.synced, 'what was synced is there');
  const expected = state.expectedEntries({}, meta.appliedIndex);
  assert.equal(await state.entries({}, state.committed, 9), expected);
  await state.replay();
  assert.is(state.applier.syncedIndex, state.committed);
}

/** A cursor stays at its version although the state goes on and its snapshot is closed. */
async function iterate(
  state: StateUnderTest,
  version: number,
  step: Extract<Step, { do: 'iterate' }>,
): Promise<void> {
  await state.apply(state.committed);
  const expected = state.expectedEntries(step.range, version);
  const opened = state.entries(step.range, version, step.step);
  state.commit(step.meanwhile);
  await state.apply(state.committed);
  assert.equal(await opened, expected);
}

async function runScript(state: StateUnderTest, memory: MemoryStores | null, script: Step[]) {
  await state.open();
  for (const one of script) await perform(state, memory, one);
  await state.apply(state.committed);
  assert.equal(
    await state.entries({}, state.committed, 7),
    state.expectedEntries({}, state.committed),
  );
  for (const version of state.held.splice(0)) state.live.release(version);
  while (await state.applier.prune());
  assert.is(state.live.historyRecords, 0);
  for (const space of [historyRange, versionsRange]) {
    const iterator = state.store.iterate(space);
    assert.equal(await iterator.nextv(1), [], 'no history is left when no snapshot is');
    await iterator.close();
  }
  await state.close();
}

const script = fc.array(step, { maxLength: 60 });

test('the state over memory answers as the model does, through crashes at any batch', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const stores = new MemoryStores();
      await runScript(new StateUnderTest(stores, '/state'), stores, steps);
    }),
    { numRuns: 400 },
  );
});

test('the state over LevelDB answers as the model does, through reopening', async () => {
  const stores = classicStores(nodeFileSystem());
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      await runScript(new StateUnderTest(stores, path.join(root, `s${folders++}`)), null, steps);
    }),
    { numRuns: 40 },
  );
});

test('a flush makes the applied index durable with the operations, and no earlier', async () => {
  const stores = new MemoryStores();
  const state = new StateUnderTest(stores, '/state');
  await state.open();
  for (let i = 1; i <= 3; i++) state.commit([{ key: Uint8Array.of(i), value: Uint8Array.of(i) }]);
  await state.apply(1);
  await state.replay();
  assert.is(state.applier.syncedIndex, 3);
  stores.crash('/state', 0);
  const { meta } = await state.open();
  assert.is(meta.appliedIndex, 3);
  assert.is(meta.appliedBallot, 1);
});

test('other streams are passed over, a gap is a defect, a bad command is reported', async () => {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const one = [{ key: Uint8Array.of(1), value: Uint8Array.of(1) }];
  state.commit(one);
  state.commit(one);
  const [first = 0, second = 0] = state.records;
  assert.throws(
    () => state.applier.append(state.memory, second),
    (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION'),
  );
  const other = state.memory.slice();
  other[first + 12] = 9;
  assert.ok(state.applier.append(other, first));
  assert.not(state.applier.hasGathered, 'a record of another stream is not applied');
  const broken = state.memory.slice();
  broken[first + 48 + 8] = 7;
  assert.throws(
    () => state.applier.append(broken, first),
    (error: unknown) => isThemisError(error, 'THEMIS_LOG_CORRUPT'),
  );
  await state.apply(2);
  assert.is(state.applier.appliedIndex, 2);
});

test('after a failed write the applier applies nothing more and says why', async () => {
  const stores = new MemoryStores();
  const state = new StateUnderTest(stores, '/state');
  await state.open();
  state.commit([{ key: Uint8Array.of(1), value: Uint8Array.of(1) }]);
  stores.crash('/state', 0);
  for (let i = 0; i < 2; i++) {
    try {
      if (i === 0) await state.apply(1);
      else await state.applier.flush({ sync: true });
      assert.unreachable('a failed write was reported as done');
    } catch (error) {
      assert.ok(isThemisError(error, 'THEMIS_CLOSED'), String(error));
    }
    assert.is(state.applier.appliedIndex, 0);
  }
});

test.after(() => fs.rmSync(root, { recursive: true }));
test.run();
