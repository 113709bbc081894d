/** The registry: exactly the blobs that some reader can reach, whatever is written and closed. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { must } from '../../src/base/index.js';
import { MemoryStores } from '../../src/metadata/index.js';
import { blobPut } from './commands.js';
import { StateUnderTest } from './state-under-test.js';

type Step =
  | { readonly kind: 'blob' | 'small' | 'delete'; readonly key: number }
  | { readonly kind: 'apply' | 'acquire' | 'release' | 'prune' | 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('blob' as const, 'small' as const, 'delete' as const),
      key: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'apply' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('acquire', 'release', 'prune', 'reopen') }),
  } as { weight: number; arbitrary: fc.Arbitrary<Step> },
);

test('the registry has what a reader can reach, and the rest has died', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const state = new StateUnderTest(new MemoryStores(), '/state');
      await state.open();
      let blobs = 0;
      let forgotten: number[] = [];
      for (const one of steps) {
        if ('key' in one) {
          const key = Uint8Array.of(one.key);
          if (one.kind === 'blob') state.commit([blobPut(key, ++blobs)]);
          else state.commit([{ key, value: one.kind === 'small' ? key : null }]);
        } else if (one.kind === 'reopen') {
          await state.apply(state.committed);
          const before = await state.registeredBlobs();
          await state.close();
          await state.open();
          // What only snapshots of the last run could reach is found missing, not reported.
          const after = new Set(await state.registeredBlobs());
          forgotten = [...forgotten, ...before.filter((blob) => !after.has(blob))];
        } else {
          await perform(state, one.kind);
        }
      }
      await state.apply(state.committed);
      while (await state.applier.prune());
      const reachable = state.reachableBlobs();
      assert.equal(await state.registeredBlobs(), reachable);
      const gone = [...state.died, ...forgotten].sort((a, b) => a - b);
      const dead = Array.from({ length: blobs }, (_, i) => i + 1).filter(
        (blob) => !reachable.includes(blob),
      );
      assert.equal(gone, dead, 'each dead blob is told of once');
      await state.close();
    }),
    { numRuns: 150 },
  );
});

async function perform(state: StateUnderTest, kind: string): Promise<void> {
  if (kind === 'apply') await state.apply(state.committed);
  if (kind === 'prune') await state.applier.prune();
  if (kind === 'acquire') {
    state.live.acquire(state.committed);
    state.held.push(state.committed);
  }
  if (kind === 'release' && state.held.length > 0) {
    state.live.release(must(state.held.shift(), 'a snapshot is held'));
  }
}

test('a blob that is put and replaced before anything is applied dies unseen', async () => {
  const state = new StateUnderTest(new MemoryStores(), '/state');
  await state.open();
  const key = Uint8Array.of(1);
  state.commit([blobPut(key, 1)]);
  state.commit([blobPut(key, 2)]);
  state.commit([{ key, value: key }]);
  await state.apply(state.committed);
  assert.equal(state.died, [1, 2]);
  assert.equal(await state.registeredBlobs(), []);
  await state.close();
});

test.run();
