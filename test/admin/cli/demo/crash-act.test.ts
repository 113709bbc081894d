/** Act 2 with a script in place of the writer: what must be there, what may be. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crashAct } from '../../../../src/admin/cli/demo/crash-act.js';
import { codeOf, messageOf } from '../../../../src/base/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

/** A writer that claims two acknowledged writes of lane 0 in every round that it opens. */
const script = "process.stdout.write('opening\\nopen\\n0.\\n0.\\n'); setInterval(() => 0, 1000)";

async function perform(arrange: (store: MemoryStore) => Promise<void>) {
  const { scene, machine, out } = sceneFixture({
    self: [process.execPath, '-e', script],
    budgetMs: 10,
  });
  const store = new MemoryStore();
  machine.stores.byFolder.set('/work/db', store);
  await arrange(store);
  return { outcome: await crashAct(scene).catch((error: unknown) => error), out };
}

test('an acknowledged write that is not there ends the demo', async () => {
  const { outcome } = await perform(async () => undefined);
  assert.is(codeOf(outcome), 'THEMIS_STATE_CORRUPT');
  assert.match(messageOf(outcome), /crash\/00\/\d+ is lost; .*report it with the folder/);
});

test('a write that nobody made is not overlooked', async () => {
  const { outcome } = await perform(async (store) => {
    await store.put(Buffer.from('crash/99/1'), Buffer.from('x'));
  });
  assert.match(messageOf(outcome), /crash\/99\/1 was never written/);
});

test.run();
