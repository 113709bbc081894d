/** The production backend: threads that start once, tasks, and an end that leaves nothing. */
import { mkdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, KiB } from '../../src/base/index.js';
import type { SharedParts } from '../../src/engine/backend.js';
import { createNodeBackend } from '../../src/engine/backend-node.js';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { stateDirectory } from '../../src/engine/state-service.js';
import { LiveSnapshots, StateControl } from '../../src/metadata/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';
import { temporaryFolder } from './temporary-folder.js';

const identity = {
  clusterId: new Uint8Array(16).fill(1),
  nodeId: new Uint8Array(16).fill(2),
};

function sharedParts(): SharedParts {
  const metrics = new MetricsArena();
  defineMetrics(metrics);
  return {
    ring: new Uint8Array(new SharedArrayBuffer(64 * KiB)),
    stateControl: new StateControl(),
    liveSnapshots: new LiveSnapshots(),
    metrics,
  };
}

function logStartIn(directory: string) {
  const rest = { syncMode: 'dsync', segmentBytes: 64 * KiB, acceptLoss: false } as const;
  return { directory, identity, appliedIndex: 0, ...rest };
}

const options = {
  kernel: undefined,
  coder: undefined,
  deviceThreads: 1,
  computeThreads: 1,
  cacheBytes: 1 << 20,
};

test('log, state and tasks run in their threads, and end with the backend', async () => {
  const directory = temporaryFolder();
  mkdirSync(`${directory}/aside`);
  const backend = createNodeBackend({ ...options, kernel: 'portable' });
  assert.is(backend.kernel.kernel.name, 'portable');
  const setting = { directory, kernel: 'portable', identity };
  assert.equal(await backend.compute('audit-state', setting), { kind: 'absent' });
  const statePath = stateDirectory(directory);
  const start = { ...setting, statePath, damage: null, logStart: 0, snapshots: [] };
  const { meta } = await backend.compute('prepare-state', start);
  assert.is(meta.appliedIndex, 0);
  const shared = sharedParts();
  const { log, report } = await backend.startLog(logStartIn(directory), shared);
  const readHandle = await backend.openReadHandle(statePath);
  const serve = { directory, statePath, meta, segmentBytes: 64 * KiB, tail: report.tail };
  const state = await backend.startState({ ...serve, replayFrom: null, lastIndex: 0 }, shared);
  assert.is(await state.sync(), 0);
  assert.is((await backend.compute('audit-state', setting)).kind, 'sound', 'now in the pool');
  await state.close();
  await readHandle.close();
  await log.close();
  await backend.close();
  const late = await backend.compute('audit-state', setting).catch(codeOf);
  assert.is(late, 'THEMIS_CLOSED');
});

test('a log that does not start has no thread left, and tells why', async () => {
  const directory = `${temporaryFolder()}/missing`;
  const backend = createNodeBackend(options);
  const code = await backend.startLog(logStartIn(directory), sharedParts()).catch(codeOf);
  assert.match(String(code), /^THEMIS_/);
  await backend.close();
});

test('the lock is the folder lock: one holder, and free again when it is given back', async () => {
  const directory = temporaryFolder();
  const [a, b] = [1, 2].map(() => createNodeBackend(options));
  if (a === undefined || b === undefined) throw new RangeError('two backends');
  const release = await a.lock(directory);
  assert.is(await b.lock(directory).catch(codeOf), 'LEVEL_LOCKED');
  await release();
  await (await b.lock(directory))();
  await a.close();
  await b.close();
});

test.run();
