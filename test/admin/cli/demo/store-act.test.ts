/** Act 1 over memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storeAct, tellStore } from '../../../../src/admin/cli/demo/store-act.js';
import { limits } from '../../../../src/config/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

test('every file and its records are stored, counted and in the ledger', async () => {
  const { scene, machine, out } = sceneFixture();
  machine.write('/from/package.json', '{"name": "x"}');
  machine.write('/from/a.js', 'const line = "long enough to count";\n'.repeat(30));
  machine.write('/from/huge', new Uint8Array(limits.valueBytesMax + 1));
  machine.write('/from/largest', new Uint8Array(limits.valueBytesMax));
  const store = new MemoryStore();
  const result = await storeAct(scene, store);
  assert.is(result.files, 3);
  assert.is(result.records, 11);
  assert.is(result.tooLarge, 1);
  assert.is(result.isComplete, true);
  assert.is(result.latency.count, 14);
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
  assert.match(out.text, /stored 3 files and 11 records, 16 MiB in/);
  assert.match(out.text, /left out: 1 file larger than 16 MiB/);
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
