/** A multiset of hashes against a Map, colliding slots, removals and new layouts included. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KeyHashes } from '../../src/metadata/key-hashes.js';

test('what was added and not removed is there, as often as it was added', () => {
  // Few distinct hashes that differ in high bits only, so that slots collide.
  const hash = fc.nat(600).map((n) => (n % 7) + Math.floor(n / 7) * 2 ** 24);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), hash), { maxLength: 3000 }), (steps) => {
      const hashes = new KeyHashes();
      const model = new Map<number, number>();
      for (const [isAdd, value] of steps) {
        const count = model.get(value) ?? 0;
        if (isAdd) {
          hashes.add(value);
          model.set(value, count + 1);
        } else if (count > 0) {
          hashes.remove(value);
          model.set(value, count - 1);
        }
        assert.is(hashes.has(value), (model.get(value) ?? 0) > 0);
      }
      let size = 0;
      for (const [value, count] of model) {
        assert.is(hashes.has(value), count > 0);
        size += count;
      }
      assert.is(hashes.size, size);
    }),
    { numRuns: 30 },
  );
});

test('a table that was filled and emptied many times stays small and right', () => {
  const hashes = new KeyHashes();
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 1000; i++) hashes.add(round * 1000 + i);
    for (let i = 0; i < 1000; i++) hashes.remove(round * 1000 + i);
  }
  assert.is(hashes.size, 0);
  for (let i = 0; i < 50_000; i++) assert.not(hashes.has(i));
});

test('a hash that is not there cannot be removed', () => {
  assert.throws(() => new KeyHashes().remove(1), /was added/);
});

test.run();
