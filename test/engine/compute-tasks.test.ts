/** The tasks of compute threads: over memory twins, and one of them over real files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ComputeTasks,
  runComputeTask,
  runTask,
  type TaskAround,
} from '../../src/engine/compute-tasks.js';
import { stateDirectory } from '../../src/engine/state-service.js';
import { MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import { type AuditResult, MemoryStores } from '../../src/metadata/index.js';
import { outcomeValue } from '../../src/pool/index.js';
import { snapshotPath } from '../../src/wal/index.js';
import { entriesOf, identity, writeSnapshot } from '../wal/snapshot-fixture.js';
import { temporaryFolder } from './temporary-folder.js';

const directory = '/data';
const setting = { directory, kernel: undefined, identity };
const statePath = stateDirectory(directory);

interface World extends TaskAround {
  readonly fileSystem: MemoryFileSystem;
  readonly stores: MemoryStores;
  readonly audited: string[];
  run<T extends keyof ComputeTasks>(
    task: T,
    argument: ComputeTasks[T]['argument'],
  ): Promise<ComputeTasks[T]['result']>;
}

function world(found: AuditResult = { kind: 'absent' }): World {
  const fileSystem = new MemoryFileSystem();
  fileSystem.makeDirectory(directory);
  fileSystem.makeDirectory(`${directory}/aside`);
  const audited: string[] = [];
  const audit = (path: string): AuditResult => {
    audited.push(path);
    return found;
  };
  const around = { fileSystem, stores: new MemoryStores(), kernel, audit };
  const run: World['run'] = async (task, argument) =>
    outcomeValue(structuredClone(await runTask({ task, argument }, around)), task) as never;
  return { ...around, audited, run };
}

const empty = { statePath, damage: null, logStart: 0, snapshots: [] };
const written = { ...setting, membershipEpoch: 1, wallMs: 5 };

test('an audit is of the folder of the state', async () => {
  const it = world({ kind: 'damaged', file: '1.ldb', offset: 5, why: 'crc' });
  const result = await it.run('audit-state', setting);
  assert.equal(result, { kind: 'damaged', file: '1.ldb', offset: 5, why: 'crc' });
  assert.equal(it.audited, [statePath]);
});

test('damage that a read met counts as damage until the state is prepared anew', async () => {
  const it = world({ kind: 'sound', files: 1, bytes: 1 });
  await it.run('doubt-state', { ...setting, why: 'a record fails its checksum' });
  const doubted = await it.run('audit-state', setting);
  assert.is(doubted.kind, 'damaged');
  assert.match(JSON.stringify(doubted), 'a record fails its checksum');
  await it.run('prepare-state', { ...setting, ...empty });
  assert.is((await it.run('audit-state', setting)).kind, 'sound');
});

test('a snapshot is written of what the state has, surveyed, and pruned to two', async () => {
  const it = world();
  await it.run('prepare-state', { ...setting, ...empty });
  assert.equal(await it.run('survey-snapshots', setting), { snapshots: [], setAside: [] });
  const first = await it.run('write-snapshot', written);
  assert.equal([first.index, first.entries], [0, 0]);
  const { snapshots } = await it.run('survey-snapshots', setting);
  assert.equal(snapshots, [{ path: first.path, index: 0, bytes: first.bytes }]);
  for (const index of [1, 2, 3]) writeSnapshot(it.fileSystem, index, entriesOf(index));
  await it.run('prune-snapshots', setting);
  const kept = (await it.run('survey-snapshots', setting)).snapshots;
  assert.equal(
    kept.map(({ index }) => index),
    [3, 2],
  );
});

test('a survey sets aside what is no snapshot, and tells it', async () => {
  const it = world();
  await it.run('survey-snapshots', setting);
  const path = snapshotPath(directory, 7);
  const handle = it.fileSystem.open(path, { access: 'read-write', create: true });
  handle.write(new Uint8Array(20_000).fill(3), 0, 20_000, 0);
  handle.close();
  const { snapshots, setAside } = await it.run('survey-snapshots', setting);
  assert.equal([snapshots.length, setAside.length], [0, 1]);
  assert.is(it.fileSystem.stat(path), null);
});

test('a task that fails closes what it opened, and crosses with its code', async () => {
  const it = world();
  const store = await it.stores.open(statePath);
  await store.close();
  const outcome = await runTask({ task: 'write-snapshot', argument: written }, it);
  assert.is(outcome.kind, 'failed');
  assert.is(outcome.kind === 'failed' && outcome.code, 'THEMIS_STATE_CORRUPT');
  it.stores.rename(statePath, '/elsewhere');
});

test('in a thread the tasks stand on real files, with the kernel that was asked for', async () => {
  const real = { ...setting, directory: temporaryFolder(), kernel: 'portable' };
  const audited = await runComputeTask({ task: 'audit-state', argument: real });
  assert.equal(audited, { kind: 'ok', value: { kind: 'absent' } });
  const unknown = await runComputeTask({
    task: 'audit-state',
    argument: { ...real, kernel: 'abacus' },
  });
  assert.is(unknown.kind, 'failed');
});

test.run();
