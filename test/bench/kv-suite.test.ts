/** Suite kv: every workload runs over a store in memory, and catches a store that lies. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Row } from '../../bench/harness/index.js';
import { type KvSuiteOptions, runKvSuite, workloadNames } from '../../bench/kv/index.js';
import { isThemisError } from '../../src/base/index.js';
import { memoryPeers } from './memory-peer.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-kv-suite-'));

function tiny(options: Partial<KvSuiteOptions>): Promise<{ rows: readonly Row[] }> {
  return runKvSuite({
    folder,
    workloads: [],
    contestants: ['one', 'two', 'two-group'],
    rounds: 2,
    warmupMs: 2,
    durationMs: 40,
    tailMs: 40,
    operationsMax: 500,
    intervalMs: 5,
    writers: [8],
    valueBytes: [64],
    keys: 600,
    fillKeys: 2_000,
    seed: 1,
    isolate: false,
    load: memoryPeers().load,
    progress: () => undefined,
    ...options,
  });
}

for (const workload of workloadNames) {
  test(`${workload} measures every contestant`, async () => {
    const { rows } = await tiny({ workloads: [workload], rounds: 1 });
    assert.ok(rows.length === 2 || rows.length === 3, 'a variant in writing may stay out');
    for (const row of rows) {
      assert.is(row.workload, workload);
      assert.ok(row.result.operations > 0, 'operations');
      assert.ok(Number.isFinite(row.result.perSecond) && row.result.perSecond > 0, 'rate');
      assert.ok(row.result.maxUs >= row.result.p50Us, 'latencies');
      assert.match(row.durability, 'memory');
    }
  });
}

test('contestants that did the same have the same digest, and others another', async () => {
  const workloads = ['fillsync', 'overwrite', 'getsync', 'readrandom', 'ycsb-a', 'ycsb-f'];
  const options = { workloads, rounds: 1, contestants: ['one', 'two'] };
  const first = await tiny(options);
  const again = await tiny(options);
  const other = await tiny({ ...options, seed: 2 });
  const hashes = (rows: readonly Row[]): string[] => rows.map((row) => row.result.hash);
  for (const workload of workloads) {
    const ours = new Set(hashes(first.rows.filter((row) => row.workload === workload)));
    assert.is(ours.size, 1, workload);
    assert.match([...ours][0] ?? '', /^[0-9a-f]{8}$/, workload);
  }
  assert.equal(hashes(again.rows), hashes(first.rows));
  for (const [i, hash] of hashes(other.rows).entries()) {
    assert.is.not(hash, first.rows[i]?.result.hash);
  }
});

test('the fill stores every key once and shows its progress', async () => {
  const { load, log } = memoryPeers();
  const { rows } = await tiny({ workloads: ['fill'], contestants: ['one'], load });
  const [row] = rows;
  assert.is(log.puts, 2_000);
  assert.is(row?.result.operations, 2_000);
  const intervals = row?.result.intervals ?? [];
  assert.ok(intervals.length >= 2);
  assert.is(intervals[intervals.length - 1]?.operations, 2_000);
  assert.is(intervals[0]?.pending, 0);
});

test('deleterandom deletes every key once', async () => {
  const { load, log } = memoryPeers();
  const options = { workloads: ['deleterandom'], contestants: ['one'], rounds: 1, load };
  await tiny({ ...options, operationsMax: Number.POSITIVE_INFINITY, durationMs: 60_000 });
  assert.is(log.deletes, 600);
});

test('every store that was opened is closed', async () => {
  const { load, log } = memoryPeers();
  await tiny({ workloads: ['fillsync', 'readrandom'], load });
  assert.ok(log.opened > 0);
  assert.is(log.closed, log.opened);
});

const lies = [
  ['loses every tenth put', 'fillsync'],
  ['loses every tenth put', 'fill'],
  ['loses every tenth put', 'loopfull'],
  ['returns other values', 'getsync'],
  ['returns other values', 'readrandom'],
  ['returns other values', 'multireadrandom'],
  ['returns other values', 'readwhilewriting'],
  ['returns other values', 'ycsb-c'],
] as const;

for (const [fault, workload] of lies) {
  test(`${workload} fails over a store that ${fault}`, async () => {
    try {
      await tiny({ workloads: [workload], load: memoryPeers(fault).load });
      assert.unreachable();
    } catch (error) {
      assert.ok(isThemisError(error, 'THEMIS_ASSERTION'), String(error));
    }
  });
}

test('no store is left in the folder', () => {
  assert.equal(fs.readdirSync(folder), []);
});

test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

test.run();
