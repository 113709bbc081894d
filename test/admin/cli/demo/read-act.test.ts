/** Act 4 over memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../../../src/admin/cli/demo/ledger.js';
import { readAct } from '../../../../src/admin/cli/demo/read-act.js';
import { codeOf } from '../../../../src/base/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

async function filled() {
  const fixture = sceneFixture({ budgetMs: 100 });
  const store = new MemoryStore();
  for (let i = 0; i < 150; i++) {
    const key = `record/${String(i).padStart(3, '0')}`;
    await store.put(Buffer.from(key), Buffer.from(`value ${i}`));
    fixture.scene.ledger.acknowledged(key, digestOf(Buffer.from(`value ${i}`)));
  }
  return { ...fixture, store };
}

test('values are read and checked, entries scanned', async () => {
  const { scene, store, out } = await filled();
  const result = await readAct(scene, store);
  assert.ok(result.gets >= 1 && result.bytes >= 7);
  assert.is(result.latency.count, result.gets);
  assert.ok(result.scanned >= 1);
  assert.match(out.text, /get, 64 at once, every value checked: /);
});

test('one wrong value ends the act', async () => {
  const { scene, store } = await filled();
  for (const key of store.values.keys()) store.values.set(key, Buffer.from('wrong'));
  const outcome = await readAct(scene, store).catch((error: unknown) => error);
  assert.is(codeOf(outcome), 'THEMIS_STATE_CORRUPT');
});

test.run();
