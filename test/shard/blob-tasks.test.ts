/** The tasks as threads run them: what was read is given away, and is the same inline. */
import { transferableSymbol } from 'piscina';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import { outcomeValue } from '../../src/pool/index.js';
import { inlineCompute, runBlobTaskOn, TaskSetting } from '../../src/shard/index.js';
import { PathTable, planPiece } from '../../src/shard/piece-plan.js';
import type { PieceResult } from '../../src/shard/read-pieces.js';
import { stripeRanges } from '../../src/shard/stripe-layout.js';
import { clusterId, fixture, manifestOf, put, randomValue, small } from './blob-fixture.js';

test('a read gives its memory away, one buffer for each value that was read', async () => {
  const { store, devices } = fixture();
  const value = randomValue(small);
  const manifest = manifestOf(await put(store, value));
  const table = new PathTable();
  const wanted = { manifest, ranges: stripeRanges(manifest, 0, small) };
  const { piece } = planPiece(wanted, devices, table, () => false);
  const lost = { ...piece, blob: piece.blob + 1 };
  const argument = {
    clusterId,
    paths: table.paths,
    pieces: [piece, lost, piece],
    progress: new Int32Array(new SharedArrayBuffer(4)),
  };
  const setting = new TaskSetting({
    fileSystem: devices.fileSystem,
    kernel,
    coding: portableCoding,
  });
  const outcome = await runBlobTaskOn({ task: 'read-pieces', argument }, setting);
  const results = outcomeValue(outcome, 'read-pieces') as PieceResult[];
  assert.equal(
    results.map(({ kind }) => kind),
    ['ok', 'lost', 'ok'],
  );
  const moved = Reflect.get(outcome, transferableSymbol) as ArrayBuffer[];
  const [first, , third] = results;
  assert.ok(first?.kind === 'ok' && third?.kind === 'ok');
  if (first?.kind !== 'ok' || third?.kind !== 'ok') return;
  assert.equal([first.bytes.buffer === moved[0], third.bytes.buffer === moved[1]], [true, true]);
  assert.is(moved.length, 2);
  assert.ok(Buffer.from(first.bytes).equals(value));
  assert.equal(await inlineCompute(setting).run('read-pieces', argument), results);
});

test.run();
