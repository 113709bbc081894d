/** What a real database counts: known operations and known errors, as a scrape shows them. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { open, type Themis } from '../../src/engine/index.js';
import { openClassicStore } from '../../src/metadata/index.js';
import { temporaryFolder } from './temporary-folder.js';

const buffers = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;

/** Samples by name and labels, as they stand in the text. */
async function scrape(db: Themis): Promise<(name: string) => number | undefined> {
  const samples = new Map<string, number>();
  for (const line of (await db.metrics()).split('\n')) {
    const [, name, value] = /^([^#].*) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  return (name) => samples.get(name);
}

function operation(kind: string): string {
  return `themis_engine_operations_total{operation="${kind}"}`;
}

function errorOf(code: string): string {
  return `themis_engine_errors_total{code="${code}"}`;
}

async function codeOf(work: () => Promise<unknown>): Promise<string | undefined> {
  return work().then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
}

test('operations are counted by kind, and what the threads did in their own lanes', async () => {
  const db = await open(temporaryFolder(), { segmentBytes: 1 << 20 });
  await db.put('a', '1');
  await db.put('b', '2');
  await db.put('c', '3');
  await db.del('c');
  await db.batch([
    { type: 'put', key: 'd', value: '4' },
    { type: 'del', key: 'a' },
  ]);
  await db.get('a');
  db.getSync('b');
  await db.has('b');
  await db.getMany(['a', 'b']);
  for await (const _entry of db.iterator());
  const snapshot = db.snapshot();
  await snapshot.close();
  await db.clear({ lt: 'c' });
  await db.takeSnapshot();
  const value = await scrape(db);
  const expected = { put: 3, delete: 1, batch: 1, clear: 1, get: 3, get_many: 1, scan: 1 };
  for (const [kind, count] of Object.entries(expected)) {
    assert.is(value(operation(kind)), count, kind);
  }
  assert.is(value(operation('snapshot')), 1);
  assert.is(value('themis_snapshot_taken_total'), 1);
  // Six commands: five writes and one round of clear.
  const records = value('themis_log_batch_records_sum') ?? 0;
  assert.is(records, 6);
  const batches = value('themis_state_applied_batches_total') ?? 0;
  assert.ok(batches >= 1 && batches <= 6, `${batches} batches were applied`);
  assert.is(value('themis_state_apply_lag_operations'), 0);
  await db.close();
});

test('a fresh folder has not had its state rebuilt; a damaged one has, once', async () => {
  const folder = temporaryFolder();
  const fresh = await open(folder);
  assert.is((await scrape(fresh))('themis_state_rebuilds_total'), 0);
  assert.is((await fresh.health()).verdict, 'healthy');
  await fresh.put('a', '1');
  await fresh.close();
  const again = await open(folder);
  assert.is((await scrape(again))('themis_state_rebuilds_total'), 0);
  await again.close();
  const state = await openClassicStore(`${folder}/state`);
  const batch = state.batch();
  batch.put(Uint8Array.of(0xff, 0x6d), Buffer.from('not a meta record of forty bytes at all!'));
  await state.write(batch, { sync: true });
  await state.close();
  const rebuilt = await open(folder);
  assert.is((await scrape(rebuilt))('themis_state_rebuilds_total'), 1);
  assert.is(await rebuilt.get('a'), '1');
  await rebuilt.close();
});

test('errors are counted by code, once each', async () => {
  const db = await open(temporaryFolder(), { segmentBytes: 1 << 20 });
  const long = Buffer.alloc(limits.keyBytesMax + 1);
  const key = Buffer.from('k');
  assert.is(await codeOf(() => db.put(long, key, buffers)), 'THEMIS_KEY_TOO_LARGE');
  assert.is(await codeOf(() => db.del(long, buffers)), 'THEMIS_KEY_TOO_LARGE');
  const many = new Array(limits.batchOperationsMax + 1).fill({ type: 'del', key: 'k' });
  assert.is(await codeOf(() => db.batch(many)), 'THEMIS_BATCH_TOO_LARGE');
  const value = await scrape(db);
  assert.is(value(errorOf('THEMIS_KEY_TOO_LARGE')), 2);
  assert.is(value(errorOf('THEMIS_BATCH_TOO_LARGE')), 1);
  assert.is(value(errorOf('THEMIS_STATE_CORRUPT')), 0);
  await db.close();
});

test('a read that meets a damaged record counts a checksum failure, however it reads', async () => {
  const folder = temporaryFolder();
  const db = await open(folder);
  await db.put('a', '1');
  for await (const _entry of db.iterator());
  const state = await openClassicStore(`${folder}/state`);
  const batch = state.batch();
  batch.put(Buffer.from('a'), Buffer.from('not a record of the state'));
  await state.write(batch, { sync: false });
  await state.close();
  const held = db.snapshot();
  const reads: (() => Promise<unknown>)[] = [
    () => db.get('a'),
    async () => db.getSync('a'),
    () => db.getMany(['a', 'b']),
    () => db.iterator().next(),
    () => db.get('a', { snapshot: held }),
    () => db.getMany(['a'], { snapshot: held }),
    () => db.clear(),
  ];
  for (const read of reads) assert.is(await codeOf(read), 'THEMIS_STATE_CORRUPT');
  await held.close();
  const value = await scrape(db);
  assert.is(value('themis_state_checksum_failures_total'), reads.length);
  assert.is(value(errorOf('THEMIS_STATE_CORRUPT')), reads.length);
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await db.metrics(),
    encoding: 'utf8',
  });
  if (error === undefined) {
    assert.is(`${stdout}${stderr}`, '');
    assert.is(status, 0);
  } else {
    console.log('skip: promtool check metrics: needs prometheus');
  }
  await db.close();
});

test.run();
