/** An explicit snapshot holds one version and lets go of it once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisSnapshot } from '../../src/engine/snapshot.js';
import { bytesOf, newMachine, openOn, textOf } from '../crash/memory-machine.js';

test('reads at the snapshot see what was committed when it was taken', async () => {
  const { store } = await openOn(newMachine());
  const key = bytesOf('k');
  await store.put(key, bytesOf('old'));
  const owner = { attachResource: () => undefined, detachResource: () => undefined };
  const snapshot = new ThemisSnapshot({ owner }, store);
  const twin = new ThemisSnapshot({ owner }, store);
  await store.put(key, bytesOf('new'));
  assert.is(textOf(await store.get(key, snapshot.version)), 'old');
  assert.is(textOf(store.getSync(key, snapshot.version)), 'old');
  assert.is(textOf(await store.get(key)), 'new');
  assert.is(store.status().liveSnapshots, 1, 'two of one version are one');
  await snapshot.close();
  await snapshot.close();
  assert.is(store.status().liveSnapshots, 1);
  assert.is(textOf(await store.get(key, twin.version)), 'old');
  await twin.close();
  assert.is(store.status().liveSnapshots, 0);
  await store.close();
});

test.run();
