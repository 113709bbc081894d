/** What a store shows of itself: numbers that follow its work, and its port. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { open } from '../../src/engine/index.js';
import { bytesOf, newMachine, openOn } from '../crash/memory-machine.js';
import { temporaryFolder } from './temporary-folder.js';

test('the status follows commits, what is applied, snapshots and readers', async () => {
  const { store } = await openOn(newMachine());
  const before = store.status();
  assert.equal([before.committedIndex, before.pendingOperations, before.ringUsedBytes], [0, 0, 0]);
  assert.equal([before.snapshotIndex, before.stateRebuilds, before.openWriters], [0, 0, 0]);
  assert.is(before.location, '/data');
  assert.equal([before.redundancy, before.redundancyByPrefix], ['4+2', {}]);
  const writing = store.put(bytesOf('k'), bytesOf('v'));
  const during = store.status();
  assert.equal([during.openWriters, during.pendingOperations], [1, 1]);
  assert.ok(during.ringUsedBytes > 0 && during.ringUsedBytes < during.ringBytes);
  await writing;
  const version = store.acquireSnapshot();
  await store.takeSnapshot();
  const after = store.status();
  assert.equal([after.committedIndex, after.appliedIndex, after.pendingOperations], [1, 1, 0]);
  assert.equal([after.ringUsedBytes, after.liveSnapshots, after.snapshotIndex], [0, 1, 1]);
  store.releaseSnapshot(version);
  await store.close();
});

test('the status after a restart tells what recovery did', async () => {
  const machine = newMachine();
  const first = await openOn(machine);
  await first.store.put(bytesOf('k'), bytesOf('v'));
  await first.store.close();
  machine.stores.remove('/data/state');
  const { store } = await openOn(machine);
  const { recovery, kernel, durability } = store.status();
  assert.equal([recovery.logRecords, recovery.replayedRecords, durability], [1, 1, 'sync']);
  assert.equal([recovery.tornTail, recovery.damages, recovery.setAside], [null, [], []]);
  assert.ok(kernel.name !== '' && recovery.logBytes > 0);
  assert.match(await store.metrics(), /^themis_recovery_records 1$/m);
  await store.close();
});

test('the numbers of a scrape are those of the moment', async () => {
  const { store, backend } = await openOn(newMachine());
  const writing = store.put(bytesOf('k'), bytesOf('v'));
  Object.assign(backend, { computeQueued: 3 });
  const during = await store.metrics();
  assert.match(during, /^themis_log_ring_used_bytes \d+$/m);
  assert.match(during, /^themis_compute_queued_tasks 3$/m);
  await writing;
  await store.takeSnapshot();
  const text = await store.metrics();
  assert.match(text, /^themis_log_ring_used_bytes 0$/m);
  assert.match(text, /^themis_engine_pending_operations 0$/m);
  await store.close();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('the port serves until the database is closed, and none is opened unasked', async () => {
  const port = await freePort();
  const db = await open(temporaryFolder(), { metricsPort: port });
  const address = `http://127.0.0.1:${port}/metrics`;
  const response = await fetch(address);
  assert.match(await response.text(), 'themis_build_info');
  await db.close();
  const refused = await fetch(address).then(
    () => null,
    (error: Error) => error,
  );
  assert.ok(refused !== null);
});

test.run();
