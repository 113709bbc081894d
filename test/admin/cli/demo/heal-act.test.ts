/** Act 4 over memory: what is damaged, what is waited for, and that wrong bytes end the demo. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healAct } from '../../../../src/admin/cli/demo/heal-act.js';
import { digestOf } from '../../../../src/admin/cli/demo/ledger.js';
import { pause, type Scene } from '../../../../src/admin/cli/demo/scene.js';
import type { StoreHealth } from '../../../../src/admin/cli/store.js';
import { codeOf } from '../../../../src/base/index.js';
import type { DeviceStatus } from '../../../../src/engine/index.js';
import type { Machine } from '../in-process.js';
import { deviceStatus, MemoryStore, repairJob } from '../memory-store.js';
import { sceneFixture } from './scene-fixture.js';

const value = Buffer.alloc(100_000, 'large');
const used = 8192;

/** Its devices are what their folders are; one that was replaced is whole at the next look. */
class HealingStore extends MemoryStore {
  readonly #machine: Machine;
  readonly #scene: Scene;
  readonly states: string[] = [];

  constructor(machine: Machine, scene: Scene) {
    super();
    this.#machine = machine;
    this.#scene = scene;
    machine.files.makeDirectory('/work/db');
    this.devices_ = Array.from({ length: 4 }, (_, number) => {
      const path = `/work/db/device-${number}`;
      machine.files.makeDirectory(path);
      machine.files.makeDirectory(`${path}/volumes`);
      machine.write(`${path}/volumes/00000001.volume`, Buffer.alloc(4 * 4096));
      return deviceStatus(number, { path, liveBytes: used });
    });
  }

  override async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    await pause(this.#scene, 0);
    return super.get(key);
  }

  override async health(): Promise<StoreHealth> {
    this.devices_ = this.devices_.map((device) => this.#looked(device));
    this.states.push(this.devices_.map(({ state }) => state[0]).join(''));
    const isWell = this.devices_.every(({ state }) => state === 'healthy');
    const shard = {
      shardId: '0',
      status: isWell ? 'HEALTHY' : 'DEGRADED',
      documentsScanned: 1,
      documentsHealthy: isWell ? 1 : 0,
      documentsDegraded: isWell ? 0 : 1,
      documentsUnrecoverable: 0,
      lastScan: 1,
      lastRepair: null,
      lastError: null,
    } as const;
    return { isHealthy: true, headline: 'Well.', devices: this.devices_, shards: [shard] };
  }

  #looked(device: DeviceStatus): DeviceStatus {
    const { number, path, state } = device;
    const isThere = this.#machine.files.stat(path) !== null;
    if (!isThere) return { ...device, state: 'failed', why: 'its folder is missing' };
    if (state === 'failed') return deviceStatus(number + 4, { path, state: 'rebuilding' });
    return { ...device, state: 'healthy', why: '' };
  }
}

async function prepare() {
  const { scene, machine, out } = sceneFixture({ budgetMs: 100 });
  const store = new HealingStore(machine, scene);
  await store.put(Buffer.from('large'), value);
  await store.put(Buffer.from('small'), Buffer.from('small'));
  for (const [key, bytes] of [
    ['large', value],
    ['small', Buffer.from('small')],
  ] as const) {
    scene.ledger.acknowledged(key, digestOf(bytes));
  }
  store.job = repairJob({ documentsRepaired: 3 });
  return { scene, machine, store, out };
}

// Timers keep no process alive, and nothing else here does.
const alive = setInterval(() => undefined, 1000);
test.after(() => clearInterval(alive));

test('one device is deleted and another rots; it ends when all is well and verified', async () => {
  const { scene, machine, store, out } = await prepare();
  const result = await healAct(scene, store);
  assert.equal([result?.devices, result?.largeValues, result?.flippedBits], [4, 1, 48]);
  assert.equal([result?.scrubbed, result?.verifiedBytes], [3, value.length + 5]);
  assert.ok(result !== null && result.during.reads > 0 && result.before.reads > 0);
  assert.equal(store.calls, ['scrub']);
  const seen = store.states.join(' ');
  assert.match(seen, /^hhhh .*f.* .*r.* .*hhhh$/, 'before, lost, rebuilding, after');
  const rotten = [0, 1, 2, 3].filter((number) => {
    const path = `/work/db/device-${number}/volumes/00000001.volume`;
    if (machine.files.stat(path) === null) return false;
    const bytes = machine.files.bytesOf(path);
    assert.ok(
      bytes.subarray(0, 4096).every((byte) => byte === 0),
      'not the header of the volume',
    );
    assert.ok(
      bytes.subarray(4096 + used).every((byte) => byte === 0),
      'not what is unused',
    );
    return bytes.some((byte) => byte !== 0);
  });
  assert.is(rotten.length, 1);
  assert.match(out.text, /deleted the folder of device \d/);
  assert.match(out.text, /3 more damaged values found and repaired/);
  assert.match(out.text, /every acknowledged byte is there/);
});

test('a client that reads a wrong byte ends the demo', async () => {
  const { scene, store } = await prepare();
  store.values.set(Buffer.from('large').toString('hex'), Buffer.alloc(100_000, 'wrong'));
  const outcome = await healAct(scene, store).catch((error: unknown) => error);
  assert.is(codeOf(outcome), 'THEMIS_STATE_CORRUPT');
});

test('without large values it is left out, and nothing is damaged', async () => {
  const { scene, store, machine } = await prepare();
  store.values.delete(Buffer.from('large').toString('hex'));
  assert.is(await healAct(scene, store), null);
  for (const { path } of store.devices_) assert.ok(machine.files.stat(path) !== null);
});

test.run();
