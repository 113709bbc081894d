/** Reading pieces: the blocks that are needed, verified, and what was wrong is told. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB } from '../../src/base/index.js';
import { pieceBytes, pieceLayout, readPieces } from '../../src/shard/read-pieces.js';
import { randomValue, twoStripes } from './blob-fixture.js';
import { foundIn, planRange, storedValue } from './piece-fixture.js';

const value = randomValue(twoStripes);

function read(...given: Parameters<typeof planRange>) {
  const planned = planRange(...given);
  const results = readPieces(planned.argument, planned.setting);
  return { ...planned, results };
}

test('a piece of each of two stripes is the bytes of the value', async () => {
  const { results, bytesOf, argument } = read(await storedValue(value), 3_000_000, 4_500_000);
  assert.equal(results, [
    { kind: 'ok', findings: [] },
    { kind: 'ok', findings: [] },
  ]);
  const bytes = Buffer.concat([bytesOf(0), bytesOf(1)]);
  assert.ok(bytes.equals(value.subarray(3_000_000, 4_500_000)));
  assert.is(argument.progress[0], 0);
});

test('a piece in one fragment takes memory for its blocks alone', () => {
  const piece = { data: 4, parity: 2, blockBytes: 64 * KiB, length: 1 << 20, stripe: 0 };
  assert.is(pieceBytes({ ...piece, from: 300_000, to: 300_001 }), 6 * 64 * KiB);
  assert.is(pieceBytes({ ...piece, from: 0, to: 1 << 20 }), 6 * 256 * KiB);
});

test('wherever a piece lies, its wanted bytes lie in its slot', () => {
  const code = { data: 4, parity: 2, blockBytes: 64 * KiB, stripe: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 << 20 }), fc.nat(), fc.nat(), (length, a, b) => {
      const [from, last] = [a % length, b % length].sort((x, y) => x - y) as [number, number];
      const piece = { ...code, length, from, to: last + 1 };
      const { ranges, base, stride, start } = pieceLayout(piece);
      assert.ok(start >= 0 && start + piece.to - from <= code.data * stride);
      for (const range of ranges) assert.ok(range.from >= base && range.to <= base + stride);
    }),
  );
});

test('damage outside of the blocks that are wanted is not met, within them it is', async () => {
  const store = await storedValue(value);
  store.devices.damage(store.manifest.blob, 0, 0, 4096 + 70 * KiB);
  const before = read(store, 0, 64 * KiB);
  assert.equal(before.results, [{ kind: 'ok', findings: [] }]);
  const { results, bytesOf } = read(store, 0, 64 * KiB + 1);
  assert.is(results[0]?.kind, 'ok');
  assert.ok(bytesOf(0).equals(value.subarray(0, 64 * KiB + 1)));
  assert.equal(foundIn(results[0]), [[0, 'damaged']]);
});

test('a piece that cannot be had tells all that was found, and others are read', async () => {
  const store = await storedValue(value);
  for (const number of [0, 2, 5]) store.devices.damage(store.manifest.blob, 1, number);
  const { results } = read(store, 0, twoStripes);
  assert.equal(
    results.map(({ kind }) => kind),
    ['ok', 'lost'],
  );
  assert.equal(foundIn(results[1]).sort(), [
    [0, 'damaged'],
    [2, 'damaged'],
    [5, 'damaged'],
  ]);
});

test('damaged parity is met and told when it is needed', async () => {
  const store = await storedValue(value);
  store.devices.lose(store.manifest.blob, 0, 1);
  store.devices.damage(store.manifest.blob, 0, 4);
  const { results, bytesOf } = read(store, 0, twoStripes);
  assert.ok(Buffer.concat([bytesOf(0), bytesOf(1)]).equals(value));
  assert.equal(foundIn(results[0]), [[4, 'damaged']]);
});

test.run();
