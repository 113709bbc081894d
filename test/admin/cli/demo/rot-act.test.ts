/** Act 3 over memory: what is damaged, and that unnoticed wrong values end the demo. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../../../src/admin/cli/demo/ledger.js';
import { rotAct } from '../../../../src/admin/cli/demo/rot-act.js';
import { readWholeFile } from '../../../../src/admin/cli/read-file.js';
import { codeOf } from '../../../../src/base/index.js';
import { MemoryStore } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

const zeros = Buffer.alloc(1000);

function prepare() {
  const fixture = sceneFixture();
  const { machine, scene } = fixture;
  for (const folder of ['/work/db', '/work/db/state', '/work/db/snapshots']) {
    machine.files.makeDirectory(folder);
  }
  for (const path of ['state/000005.ldb', 'state/000007.log', 'snapshots/0a.snapshot']) {
    machine.write(`/work/db/${path}`, zeros);
  }
  machine.write('/work/db/state/000006.ldb', Buffer.alloc(500));
  machine.write('/work/db/snapshots/0b.snapshot', zeros);
  const store = new MemoryStore();
  machine.stores.byFolder.set('/work/db', store);
  scene.ledger.acknowledged('k', digestOf(Buffer.from('v')));
  return { ...fixture, store };
}

test('a bit flips in the largest table and in the newest snapshot, and nowhere else', async () => {
  const { scene, machine, store, out } = prepare();
  await store.put(Buffer.from('k'), Buffer.from('v'));
  const result = await rotAct(scene);
  assert.is(store.snapshots, 1);
  assert.is(result.damages, 2);
  assert.is(result.noticed, 0, 'the store in memory notices nothing');
  const isChanged = (path: string): boolean =>
    readWholeFile(machine.files, `/work/db/${path}`).some((byte) => byte !== 0);
  assert.ok(isChanged('state/000005.ldb'));
  assert.ok(isChanged('snapshots/0b.snapshot'));
  for (const path of ['state/000006.ldb', 'state/000007.log', 'snapshots/0a.snapshot']) {
    assert.not.ok(isChanged(path), path);
  }
  assert.match(out.text, /flipped one bit of state\/000005\.ldb: byte \d+, 0x00 -> 0x/);
});

test('a value that the damage changed ends the demo', async () => {
  const { scene, store } = prepare();
  await store.put(Buffer.from('k'), Buffer.from('w'));
  const outcome = await rotAct(scene).catch((error: unknown) => error);
  assert.is(codeOf(outcome), 'THEMIS_STATE_CORRUPT');
  assert.is(store.closes, 2, 'the store is closed all the same');
});

test.run();
