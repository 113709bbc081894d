/** Placement: distinct usable devices, parity left out first, and loads that are even. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nowhere, placeFragments } from '../../src/shard/fragment-placement.js';
import { durableCode } from '../../src/shard/redundancy.js';

test('fragments lie on distinct usable devices, or there is no placement at all', () => {
  const numbers = fc.uniqueArray(fc.nat(300), { maxLength: 20 });
  const shapes = fc.record({ data: fc.integer({ min: 1, max: 12 }), parity: fc.nat(5) });
  fc.assert(
    fc.property(shapes, numbers, fc.maxSafeNat(), fc.nat(9), (code, usable, blob, stripe) => {
      const durable = durableCode(code);
      const width = code.data + code.parity;
      const placed = placeFragments(durable, usable, Math.floor(blob / 2), stripe);
      if (usable.length < code.data + durable.spare) {
        assert.is(placed, null);
        return;
      }
      const taken = [...(placed as Int32Array)].filter((device) => device !== nowhere);
      assert.is(placed?.length, width);
      assert.is(taken.length, Math.min(width, usable.length));
      assert.is(new Set(taken).size, taken.length);
      assert.ok(taken.every((device) => usable.includes(device)));
    }),
  );
});

test('with a device too few the last parity is left out', () => {
  const placed = placeFragments(durableCode({ data: 4, parity: 2 }), [0, 1, 2, 3, 4], 7, 0);
  assert.is(placed?.indexOf(nowhere), 5);
});

test('every device takes every fragment equally often', () => {
  const usable = [3, 5, 7, 11, 13, 17];
  const counts = new Map<string, number>();
  for (let blob = 1; blob <= 60; blob++) {
    const placed = placeFragments(durableCode({ data: 4, parity: 2 }), usable, blob, 0);
    placed?.forEach((device, number) => {
      const name = `${device} takes ${number}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
  }
  assert.is(counts.size, 36);
  assert.ok([...counts.values()].every((count) => count === 10));
});

test.run();
