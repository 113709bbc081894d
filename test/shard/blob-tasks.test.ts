/** The tasks as threads run them: what was read is given away, and is the same inline. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import { blobTasks, inlineCompute } from '../../src/shard/blob-tasks.js';
import { PathTable, planPiece } from '../../src/shard/piece-plan.js';
import { stripeRanges } from '../../src/shard/stripe-layout.js';
import { TaskSetting } from '../../src/shard/task-setting.js';
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
  const moved = blobTasks['read-pieces'](argument, setting);
  assert.equal(
    moved.value.map(({ kind }) => kind),
    ['ok', 'lost', 'ok'],
  );
  assert.is(moved.buffers.length, 2);
  assert.is(new Set(moved.buffers).size, 2);
  const first = moved.value[0];
  assert.ok(first?.kind === 'ok' && first.bytes.buffer === moved.buffers[0]);
  assert.ok(first?.kind === 'ok' && Buffer.compare(first.bytes, value) === 0);
  assert.equal(await inlineCompute(setting).run('read-pieces', argument), moved.value);
});

test.run();
