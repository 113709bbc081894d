/** Act 1 over memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storeAct, tellStore } from '../../../../src/admin/cli/demo/store-act.js';
import { MiB } from '../../../../src/base/index.js';
import { limits } from '../../../../src/config/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

test('every file and its records are stored, counted and in the ledger', async () => {
  const { scene, machine, out } = sceneFixture();
  machine.write('/from/package.json', '{"name": "x"}');
  machine.write('/from/a.js', 'const line = "long enough to count";\n'.repeat(30));
  machine.write('/from/huge', new Uint8Array(64 * MiB + 1));
  machine.write('/from/large', new Uint8Array(limits.inlineBytesMax + 1));
  const store = new MemoryStore();
  const result = await storeAct(scene, store);
  assert.is(result.files, 3);
  assert.is(result.records, 11);
  assert.is(result.tooLarge, 1);
  assert.is(result.isComplete, true);
  assert.equal([result.bundles, result.large], [4, 5], 'a small corpus still has large values');
  assert.is(result.latency.count, 18);
  assert.is(scene.ledger.size, store.values.size);
  assert.equal(
    (
      await scene.ledger.verify(
        store,
        () => 0,
        () => undefined,
      )
    ).faults,
    [],
  );
  await tellStore(scene, result);
  assert.match(out.text, /stored 3 files, 11 records, 4 bundles, 15\.1 MiB, in/);
  assert.match(out.text, /left out: 1 file larger than 64 MiB/);
  assert.match(out.text, /p99\.9 /);
});

test('when its time is over it stops, and says so', async () => {
  const { scene, machine, out } = sceneFixture({ budgetMs: -1 });
  machine.write('/from/a', 'text');
  const result = await storeAct(scene, new MemoryStore());
  assert.is(result.files, 0);
  assert.is(result.isComplete, false);
  await tellStore(scene, result);
  assert.match(out.text, /stopped before the last file because its time was over/);
});

test('a write that fails ends the act, and is not in the ledger', async () => {
  const { scene, machine } = sceneFixture();
  for (let i = 0; i < 20; i++) machine.write(`/from/${i}`, `${i}`);
  const store = new MemoryStore();
  const put = store.put.bind(store);
  let puts = 0;
  store.put = async (key, value) => {
    if (++puts === 5) throw new RangeError('the fifth');
    await put(key, value);
  };
  const outcome = await storeAct(scene, store).catch((error: unknown) => error);
  assert.instance(outcome, RangeError);
  assert.is(scene.ledger.size, store.values.size);
});

test.run();
