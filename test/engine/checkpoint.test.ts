/** Checkpoints: the order of their steps, what is truncated, and what becomes of failures. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { Checkpoint, type CheckpointOptions } from '../../src/engine/checkpoint.js';

interface World {
  readonly checkpoint: Checkpoint;
  readonly steps: string[];
  /** What the next snapshot contains, how large it is, and what is synced. */
  index: number;
  bytes: number;
  synced: number;
  logBytes: number;
  failAt: string | null;
}

function world(overrides: Partial<CheckpointOptions> = {}): World {
  const steps: string[] = [];
  const step = async (name: string): Promise<void> => {
    steps.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    if (made.failAt === name) throw new RangeError(`${name} failed`);
  };
  const checkpoint = new Checkpoint({
    snapshotLogBytes: 1000,
    snapshots: [],
    loggedBytes: 0,
    whenApplied: () => step('applied'),
    write: async () => {
      await step('write');
      return { index: made.index, bytes: made.bytes };
    },
    prune: () => step('prune'),
    syncState: async () => {
      await step('sync');
      return made.synced;
    },
    truncateLog: (index) => step(`truncate ${index}`),
    logBytes: () => made.logBytes,
    taken: ({ index }) => steps.push(`taken ${index}`),
    ...overrides,
  });
  const made: World = {
    checkpoint,
    steps,
    index: 10,
    bytes: 100,
    synced: 1e6,
    logBytes: 0,
    failAt: null,
  };
  return made;
}

/** Until the snapshot that `committed` began has ended. */
async function settled(steps: readonly string[]): Promise<void> {
  let before = -1;
  while (before !== steps.length) {
    before = steps.length;
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('the steps come in the order that a crash anywhere survives', async () => {
  const it = world();
  await it.checkpoint.take();
  assert.equal(it.steps, ['applied', 'write', 'prune', 'sync', 'taken 10']);
  assert.is(it.checkpoint.index, 10);
});

test('the log is truncated behind the older of two snapshots, never further', async () => {
  const it = world({ snapshots: [{ index: 5, bytes: 100 }] });
  await it.checkpoint.take();
  assert.equal(it.steps.slice(-2), ['truncate 5', 'taken 10']);
  it.index = 20;
  await it.checkpoint.take();
  assert.equal(it.steps.slice(-2), ['truncate 10', 'taken 20']);
});

test('the log is not truncated past what is synced of the state', async () => {
  const it = world({ snapshots: [{ index: 8, bytes: 100 }] });
  it.synced = 3;
  await it.checkpoint.take();
  assert.ok(it.steps.includes('truncate 3'));
  it.synced = 0;
  await it.checkpoint.take();
  assert.is(it.steps.filter((name) => name.startsWith('truncate')).length, 1);
});

test('a second snapshot of the same index does not count as the older one', async () => {
  const it = world({ snapshots: [{ index: 10, bytes: 100 }] });
  await it.checkpoint.take();
  assert.not(it.steps.some((name) => name.startsWith('truncate')));
});

test('a snapshot is taken when the log has grown enough, and then not at once again', async () => {
  const it = world({ loggedBytes: 400 });
  it.logBytes = 599;
  it.checkpoint.committed();
  assert.equal(it.steps, []);
  it.logBytes = 600;
  it.checkpoint.committed();
  it.checkpoint.committed();
  await settled(it.steps);
  assert.is(it.steps.filter((name) => name === 'write').length, 1);
  it.logBytes = 1599;
  it.checkpoint.committed();
  it.logBytes = 1600;
  it.checkpoint.committed();
  await settled(it.steps);
  assert.is(it.steps.filter((name) => name === 'write').length, 2);
});

test('a large snapshot makes the next one as far away as it is long', async () => {
  const it = world();
  it.bytes = 5000;
  await it.checkpoint.take();
  it.logBytes = 4999;
  it.checkpoint.committed();
  await settled(it.steps);
  assert.is(it.steps.filter((name) => name === 'write').length, 1);
  it.logBytes = 5000;
  it.checkpoint.committed();
  await settled(it.steps);
  assert.is(it.steps.filter((name) => name === 'write').length, 2);
});

test('one that is wanted is taken at the next commit', async () => {
  const it = world();
  it.checkpoint.want();
  it.checkpoint.committed();
  await settled(it.steps);
  assert.ok(it.steps.includes('taken 10'));
});

test('a failure at any step is kept, truncates nothing, and the next try heals it', async () => {
  for (const name of ['applied', 'write', 'prune', 'sync']) {
    const it = world({ snapshots: [{ index: 5, bytes: 100 }] });
    it.failAt = name;
    it.logBytes = 1000;
    it.checkpoint.committed();
    await settled(it.steps);
    assert.ok(isThemisError(it.checkpoint.failure, 'THEMIS_TASK_FAILED'), name);
    assert.not(
      it.steps.some((step) => step.startsWith('truncate')),
      name,
    );
    it.failAt = null;
    it.logBytes = 1999;
    it.checkpoint.committed();
    assert.is(it.steps.at(-1), name, 'not before another interval');
    it.logBytes = 2000;
    it.checkpoint.committed();
    await settled(it.steps);
    assert.is(it.steps.at(-1), 'taken 10', name);
    assert.is(it.checkpoint.failure, null, name);
  }
});

test('who asks for a snapshot gets its failure, typed as it was', async () => {
  const error = new ThemisError('THEMIS_DISK_FULL', 'no space');
  const it = world({ write: () => Promise.reject(error) });
  const thrown = await it.checkpoint.take().then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.is(thrown, error);
});

test('two that are asked for follow each other; the first one failing stops no other', async () => {
  const it = world();
  it.failAt = 'prune';
  const first = it.checkpoint.take().catch(() => it.steps.push('failed'));
  const second = it.checkpoint.take();
  await first;
  it.failAt = null;
  await second;
  assert.is(it.steps.filter((name) => name === 'write').length, 2);
  assert.is(it.steps.at(-1), 'taken 10');
});

test('close waits for the one under way; none is taken after', async () => {
  const it = world();
  const taking = it.checkpoint.take();
  await it.checkpoint.close();
  assert.is(it.steps.at(-1), 'taken 10');
  await taking;
  const refused = await it.checkpoint.take().catch((error: unknown) => error);
  assert.ok(isThemisError(refused, 'THEMIS_CLOSED'));
  assert.is(it.steps.filter((name) => name === 'write').length, 1);
});

test.run();
