/** Reading pieces: the blocks that are needed, verified, and what was wrong is told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB } from '../../src/base/index.js';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import { PathTable, planPiece } from '../../src/shard/piece-plan.js';
import { readPieces } from '../../src/shard/read-pieces.js';
import { stripeRanges } from '../../src/shard/stripe-layout.js';
import { TaskSetting } from '../../src/shard/task-setting.js';
import {
  clusterId,
  type Fixture,
  fixture,
  manifestOf,
  put,
  randomValue,
  twoStripes,
} from './blob-fixture.js';

const value = randomValue(twoStripes);

async function stored() {
  const all = fixture();
  const manifest = manifestOf(await put(all.store, value));
  return { all, manifest };
}

/** Reads a range of the value, and tells the path that was named last as being read. */
function read({ all, manifest }: Awaited<ReturnType<typeof stored>>, start: number, end: number) {
  const { devices }: Fixture = all;
  const table = new PathTable();
  const ranges = stripeRanges(manifest, start, end);
  const { piece } = planPiece({ manifest, ranges }, devices, table, () => false);
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const { fileSystem } = devices;
  const setting = new TaskSetting({ fileSystem, kernel, coding: portableCoding });
  const [result] = readPieces(
    { clusterId, paths: table.paths, pieces: [piece], progress },
    setting,
  );
  return { result, pending: progress[0] };
}

test('a piece over two stripes is the bytes of the value; no device is named then', async () => {
  const { result, pending } = read(await stored(), 3_000_000, 4_500_000);
  assert.is(result?.kind, 'ok');
  if (result?.kind !== 'ok') return;
  assert.ok(Buffer.from(result.bytes).equals(value.subarray(3_000_000, 4_500_000)));
  assert.equal(result.findings, []);
  assert.is(pending, 0);
});

test('damage outside of the blocks that are wanted is not met, within them it is', async () => {
  const store = await stored();
  const { blob } = store.manifest;
  store.all.devices.damage(blob, 0, 0, 4096 + 70 * KiB);
  const before = read(store, 0, 64 * KiB).result;
  assert.equal([before?.kind, before?.findings], ['ok', []]);
  const { result } = read(store, 0, 64 * KiB + 1);
  assert.is(result?.kind, 'ok');
  if (result?.kind !== 'ok') return;
  assert.ok(Buffer.from(result.bytes).equals(value.subarray(0, 64 * KiB + 1)));
  assert.equal(
    result.findings.map(({ stripe, number, kind }) => [stripe, number, kind]),
    [[0, 0, 'damaged']],
  );
});

test('a piece that cannot be had names the stripe and all that was found', async () => {
  const store = await stored();
  const { blob } = store.manifest;
  for (const number of [0, 2, 5]) store.all.devices.damage(blob, 1, number);
  const { result } = read(store, 0, twoStripes);
  assert.is(result?.kind, 'lost');
  if (result?.kind !== 'lost') return;
  assert.is(result.stripe, 1);
  assert.equal(result.findings.map(({ number }) => number).sort(), [0, 2, 5]);
});

test('damaged parity is met and told when it is needed', async () => {
  const store = await stored();
  const { blob } = store.manifest;
  store.all.devices.lose(blob, 0, 1);
  store.all.devices.damage(blob, 0, 4);
  const { result } = read(store, 0, twoStripes);
  assert.is(result?.kind, 'ok');
  assert.ok(result?.kind === 'ok' && Buffer.from(result.bytes).equals(value));
  assert.equal(
    result?.findings.map(({ number }) => number),
    [4],
  );
});

test.run();
