/** Plans: where each fragment lies, each file once, and slow devices left out while others do. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomValue, twoStripes } from './blob-fixture.js';
import { planRange, storedValue } from './piece-fixture.js';

const value = randomValue(twoStripes);

test('every fragment has its path, offset and digest; every file occurs once', async () => {
  const stored = await storedValue(value);
  const { plans, table } = planRange(stored, 0, twoStripes);
  assert.is(new Set(table.paths).size, 6);
  for (const { piece } of plans) {
    const { stripe, paths, offsets, digests } = piece;
    for (let number = 0; number < 6; number++) {
      const place = stored.devices.locate(stored.manifest.blob, stripe, number);
      assert.is(table.paths[paths[number] ?? -1], `/device-${place?.device}`);
      assert.is(table.devices[paths[number] ?? -1], place?.device);
      assert.is(offsets[number], place?.offset);
      assert.is(digests[number], stored.manifest.digests[stripe * 6 + number]);
    }
  }
  assert.equal(
    plans.map(({ piece: { length, from, to } }) => [length, from, to]),
    [
      [4 << 20, 0, 4 << 20],
      [1 << 20, 0, 1 << 20],
    ],
  );
});

test('a fragment that is nowhere has no path', async () => {
  const stored = await storedValue(value);
  for (const number of [0, 3]) stored.devices.lose(stored.manifest.blob, 0, number);
  const [plan] = planRange(stored, 0, 10).plans;
  const there = [...(plan?.piece.paths ?? [])].map((path) => path >= 0);
  assert.equal(there, [false, true, true, false, true, true]);
});

test('avoided devices are left out of a stripe while enough others have fragments', async () => {
  const stored = await storedValue(value);
  const count = (avoid: (device: number) => boolean) => {
    const [plan] = planRange(stored, 0, 10, avoid).plans;
    return [...(plan?.piece.paths ?? [])].filter((path) => path >= 0).length;
  };
  assert.is(
    count((device) => device < 2),
    4,
  );
  assert.is(
    count((device) => device < 3),
    6,
    'three are too many to do without',
  );
});

test.run();
