/** Plans: where each fragment lies, each file once, and slow devices left out while others do. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PathTable, planPiece } from '../../src/shard/piece-plan.js';
import { stripeRanges } from '../../src/shard/stripe-layout.js';
import { fixture, manifestOf, put, randomValue, twoStripes } from './blob-fixture.js';

async function planned(avoid: (device: number) => boolean, ...forgotten: number[]) {
  const { store, devices } = fixture();
  const manifest = manifestOf(await put(store, randomValue(twoStripes)));
  for (const number of forgotten) devices.lose(manifest.blob, 0, number);
  const table = new PathTable();
  const ranges = stripeRanges(manifest, 0, twoStripes);
  return { table, devices, manifest, ...planPiece({ manifest, ranges }, devices, table, avoid) };
}

test('every fragment has its path, offset and digest; every file occurs once', async () => {
  const { table, piece, devices, manifest } = await planned(() => false);
  assert.is(new Set(table.paths).size, 6);
  for (const { stripe, paths, offsets, digests } of piece.stripes) {
    for (let number = 0; number < 6; number++) {
      const place = devices.locate(manifest.blob, stripe, number);
      assert.is(table.paths[paths[number] ?? -1], `/device-${place?.device}`);
      assert.is(table.devices[paths[number] ?? -1], place?.device);
      assert.is(offsets[number], place?.offset);
      assert.is(digests[number], manifest.digests[stripe * 6 + number]);
    }
  }
  assert.equal(
    piece.stripes.map(({ length, from, to }) => [length, from, to]),
    [
      [4 << 20, 0, 4 << 20],
      [1 << 20, 0, 1 << 20],
    ],
  );
});

test('a fragment that is nowhere has no path', async () => {
  const { piece } = await planned(() => false, 0, 3);
  const there = [...(piece.stripes[0]?.paths ?? [])].map((path) => path >= 0);
  assert.equal(there, [false, true, true, false, true, true]);
});

test('avoided devices are left out of a stripe while enough others have fragments', async () => {
  const { piece, table } = await planned((device) => device < 2, 5);
  const counts = piece.stripes.map(({ paths }) => [...paths].filter((path) => path >= 0).length);
  // Stripe 0 has five fragments, and cannot do without two of them unless one is the missing one.
  const avoided = piece.stripes.map(({ paths }) =>
    [...paths].some((path) => path >= 0 && (table.devices[path] ?? 9) < 2),
  );
  assert.is(counts[1], 4);
  assert.is(avoided[1], false);
  assert.ok((counts[0] === 5 && avoided[0]) || (counts[0] === 4 && !avoided[0]));
});

test.run();
