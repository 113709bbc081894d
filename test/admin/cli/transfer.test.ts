/** Chunks that are counted on their way. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countedChunks, startTransfer, transferText } from '../../../src/admin/cli/transfer.js';
import { codeOf } from '../../../src/base/index.js';
import { sceneFixture } from './demo/scene-fixture.js';

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
  yield Buffer.from('de');
}

test('a chunk counts once it was taken', async () => {
  const seen: number[] = [];
  const counted = countedChunks(chunks(), (bytes) => seen.push(bytes));
  await counted.chunks.next();
  assert.is(counted.bytes(), 0);
  for await (const _ of counted.chunks);
  assert.equal([counted.bytes(), seen], [5, [3, 5]]);
});

test('a transfer passes everything on, and ends at Ctrl-C', async () => {
  const { context } = sceneFixture().scene;
  const transfer = startTransfer(context, 'Storing', chunks(), 5);
  for await (const _ of transfer.chunks);
  assert.is(transfer.end().bytes, 5);
  const aborted = { ...context, signal: AbortSignal.abort() };
  const ended = startTransfer(aborted, 'Storing', chunks(), 5);
  await ended.chunks.next();
  const error = await ended.chunks.next().catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'THEMIS_ABORTED');
});

test('how far, how fast, and how long it will take', () => {
  const MiB = 2 ** 20;
  assert.is(transferText(MiB, 4 * MiB, 500), '1 MiB of 4 MiB  2 MiB/s  1.5 s left');
  assert.is(transferText(MiB, null, 500), '1 MiB  2 MiB/s');
  assert.is(transferText(0, 4 * MiB, 500), '0 B of 4 MiB  0 B/s');
});

test.run();
