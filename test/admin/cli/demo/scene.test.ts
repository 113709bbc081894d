/** What the acts share. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../../../src/admin/cli/demo/ledger.js';
import {
  createScene,
  headline,
  onStore,
  verifiedText,
  verifyAll,
} from '../../../../src/admin/cli/demo/scene.js';
import { codeOf, messageOf } from '../../../../src/base/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

test('people read lines, programs read none of them', async () => {
  const { scene, out } = sceneFixture();
  await headline(scene, 2, 'Crash');
  const progress = scene.progress('Storing');
  await progress.finish('done');
  assert.is(out.text, '\n2. Crash\n  done\n');
  const silent = createScene({ ...scene.context, isJson: true }, scene);
  await silent.say('nobody reads this');
  assert.is(out.text, '\n2. Crash\n  done\n');
});

test('after Ctrl-C nothing more is said or opened', async () => {
  const { scene } = sceneFixture({ signal: AbortSignal.abort() });
  const said = await scene.say('x').catch((error: unknown) => error);
  assert.is(codeOf(said), 'THEMIS_ABORTED');
});

test('a store is closed when its use fails', async () => {
  const { scene, machine } = sceneFixture();
  const use = async (): Promise<never> => {
    throw new RangeError('during use');
  };
  const outcome = await onStore(scene, true, use).catch((error: unknown) => error);
  assert.instance(outcome, RangeError);
  assert.is(machine.stores.byFolder.get('/work/db')?.closes, 1);
});

test('a verification tells what it read, and throws with all faults that it found', async () => {
  const { scene } = sceneFixture();
  const store = new MemoryStore();
  await store.put(Buffer.from('a'), Buffer.from('1'));
  scene.ledger.acknowledged('a', digestOf(Buffer.from('1')));
  const verification = await verifyAll(scene, store);
  assert.match(verifiedText(scene, verification), /^verified 1 key, 1 B in .+byte is there$/);
  scene.ledger.acknowledged('b', digestOf(Buffer.from('2')));
  await store.put(Buffer.from('c'), Buffer.from('3'));
  const outcome = await verifyAll(scene, store).catch((error: unknown) => error);
  assert.match(messageOf(outcome), /c was never written; b is lost; .+--seed 1/);
});

test.run();
