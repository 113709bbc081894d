/** The state's thread from its beginning to its end, on a real LevelDB. */
import { mkdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, KiB } from '../../src/base/index.js';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { StateClient } from '../../src/engine/state-client.js';
import { prepareState, stateDirectory } from '../../src/engine/state-service.js';
import { StateThreadDriver } from '../../src/engine/state-thread-driver.js';
import type { StateThreadArgument } from '../../src/engine/state-thread-start.js';
import { nodeFileSystem, nodeTimers } from '../../src/io/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import {
  classicStores,
  LiveSnapshots,
  openClassicStore,
  StateControl,
} from '../../src/metadata/index.js';
import { ResidentThread, workerUrls } from '../../src/pool/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';
import { recordLength, writeCommandRecord } from '../metadata/commands.js';
import { folder, openLog } from '../wal/log-fixture.js';
import { temporaryFolder } from './temporary-folder.js';

const identity = {
  clusterId: new Uint8Array(16).fill(1),
  nodeId: new Uint8Array(16).fill(2),
};

/** A prepared state, and what its thread is started with: a log that holds nothing. */
async function prepared(directory: string) {
  const fileSystem = nodeFileSystem();
  mkdirSync(`${directory}/log`, { recursive: true });
  const statePath = stateDirectory(directory);
  const { meta } = await prepareState(
    { directory, statePath, identity, damage: null, logStart: 0, snapshots: [] },
    { fileSystem, stores: classicStores(fileSystem), kernel: portableKernel },
  );
  const arena = new MetricsArena();
  defineMetrics(arena);
  const ring = new Uint8Array(new SharedArrayBuffer(64 * KiB));
  const control = new StateControl();
  const { tail } = openLog(folder()).recovered;
  const limit = { segmentBytes: 64 * KiB, tail: { ...tail, offset: 8192 } };
  const argument: StateThreadArgument = {
    serve: { directory, statePath, meta, ...limit, replayFrom: null, lastIndex: 0 },
    kernel: 'portable',
    ring,
    control: control.buffer,
    liveSnapshots: new LiveSnapshots().buffer,
    metrics: arena.layout(),
  };
  return { argument, arena, ring, control, statePath };
}

test('the thread applies what is committed, counts its batches, and ends when asked', async () => {
  const { argument, arena, ring, control, statePath } = await prepared(temporaryFolder());
  control.reset(0, 0);
  const thread = new ResidentThread({ name: 'state', url: workerUrls.state });
  const driver = new StateThreadDriver(thread, control, nodeTimers());
  assert.is(await thread.start(argument), null);
  const client = new StateClient(control, driver, 0);
  const change = { key: Buffer.from('k'), value: Buffer.from('v') };
  writeCommandRecord(ring, 0, { index: 1, ballot: 1, stream: 0 }, [change]);
  client.commit(recordLength([change]) / 8, 1);
  await client.whenApplied(1);
  assert.is(await client.sync(), 1);
  assert.is(arena.read('themis_state_applied_batches_total').series[0]?.value, 1);
  await client.close();
  const store = await openClassicStore(statePath);
  assert.ok((await store.get(Buffer.from('k'))) !== undefined);
  await store.close();
});

test('a state that cannot be opened is told by the start, with its code', async () => {
  const directory = temporaryFolder();
  const { argument } = await prepared(directory);
  const thread = new ResidentThread({ name: 'state', url: workerUrls.state });
  const serve = { ...argument.serve, statePath: '/dev/null/state' };
  const code = await thread.start({ ...argument, serve }).catch(codeOf);
  assert.match(String(code), /^(?:THEMIS|LEVEL)_/);
  await thread.close();
});

test.run();
