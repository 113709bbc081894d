/** Clients that read all the while. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../../../src/admin/cli/demo/ledger.js';
import { Readers } from '../../../../src/admin/cli/demo/readers.js';
import { pause } from '../../../../src/admin/cli/demo/scene.js';
import { codeOf } from '../../../../src/base/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

async function filled() {
  const { scene } = sceneFixture();
  const store = new MemoryStore();
  await store.put(Buffer.from('k'), Buffer.from('value'));
  scene.ledger.acknowledged('k', digestOf(Buffer.from('value')));
  // One turn of the loop a read, as a real store takes.
  const get = store.get.bind(store);
  store.get = async (key) => {
    await pause(scene, 0);
    return get(key);
  };
  return { scene, store };
}

// Timers keep no process alive, and nothing else here does.
const alive = setInterval(() => undefined, 1000);
test.after(() => clearInterval(alive));

test('they read until they are stopped, and count anew when asked', async () => {
  const { scene, store } = await filled();
  const readers = new Readers(scene, store, ['k'], 2);
  while (readers.soFar.reads < 5) await pause(scene, 1);
  const first = readers.next();
  assert.is(first.bytes, first.reads * 5);
  assert.ok(readers.soFar.reads < first.reads);
  await readers.stop();
  const { gets } = store;
  await pause(scene, 5);
  assert.is(store.gets, gets);
});

test('one wrong byte is told', async () => {
  const { scene, store } = await filled();
  const readers = new Readers(scene, store, ['k'], 2);
  await store.put(Buffer.from('k'), Buffer.from('velue'));
  while (store.gets < 20 && !isFailed(readers)) await pause(scene, 1);
  await readers.stop();
  let code: string | undefined;
  try {
    readers.next();
  } catch (error) {
    code = codeOf(error);
  }
  assert.is(code, 'THEMIS_STATE_CORRUPT');
});

function isFailed(readers: Readers): boolean {
  try {
    readers.check();
    return false;
  } catch {
    return true;
  }
}

test.run();
