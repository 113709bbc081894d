/** The state hash: order does not matter, everything else does. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StateHash } from '../../src/wal/state-hash.js';

type Row = readonly [number, number, number, number, number];

function hashOf(rows: readonly Row[]): bigint {
  const hash = new StateHash();
  for (const row of rows) hash.add(...row);
  return hash.value;
}

const u32 = fc.nat({ max: 0xffffffff });
const rows = fc.array(fc.tuple(u32, u32, u32, u32, fc.maxSafeNat()), { maxLength: 20 });

test('the order of entries does not matter', () => {
  fc.assert(
    fc.property(rows, (list) => {
      assert.is(hashOf(list), hashOf(list.toReversed()));
    }),
  );
});

test('any one changed number changes both halves', () => {
  fc.assert(
    fc.property(fc.tuple(u32, u32, u32, u32, fc.maxSafeNat()), fc.nat({ max: 4 }), (row, at) => {
      const changed = row.map((n, i) => (i === at ? (n === 0 ? 1 : n - 1) : n));
      const other = hashOf([
        [changed[0] ?? 0, changed[1] ?? 0, changed[2] ?? 0, changed[3] ?? 0, changed[4] ?? 0],
      ]);
      assert.is.not(hashOf([row]), other);
      assert.is.not(hashOf([row]) >> 32n, other >> 32n);
    }),
  );
});

test('the sum wraps at 2^64 with a carry from the low half', () => {
  const one = hashOf([[1, 2, 3, 4, 5]]);
  for (const count of [2, 3, 1000]) {
    const many = hashOf(Array.from({ length: count }, () => [1, 2, 3, 4, 5] as const));
    assert.is(many, (one * BigInt(count)) & 0xffffffffffffffffn);
  }
  assert.is(hashOf([]), 0n);
});

test('a hundred thousand entries that differ in one number have different hashes', () => {
  const seen = new Set<bigint>();
  for (let i = 0; i < 20_000; i++) {
    seen.add(hashOf([[i, 0, 0, 0, 0]]));
    seen.add(hashOf([[0, i + 1, 0, 0, 0]]));
    seen.add(hashOf([[0, 0, i + 1, 0, 0]]));
    seen.add(hashOf([[0, 0, 0, i + 1, 0]]));
    seen.add(hashOf([[0, 0, 0, 0, i + 1]]));
  }
  assert.is(seen.size, 100_000);
});

test.run();
