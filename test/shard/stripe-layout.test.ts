/** The layout of stripes: every byte of a value has one place, and ranges find all of theirs. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, KiB, MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  type BlobLayout,
  fragmentLength,
  fragmentRanges,
  fullStripeBytes,
  layoutOf,
  slotBytes,
  strideOf,
  stripeCount,
  stripeLength,
  stripeRanges,
} from '../../src/shard/stripe-layout.js';

const page = limits.blockBytes;
const codes = fc
  .record({ data: fc.integer({ min: 1, max: 255 }), parity: fc.integer({ min: 0, max: 255 }) })
  .filter(({ data, parity }) => data + parity <= limits.shardsMax);
/** Stripes of few pages, so that values have many of them. */
const layouts = fc
  .record({
    data: fc.integer({ min: 1, max: 7 }),
    parity: fc.nat(3),
    pages: fc.integer({ min: 1, max: 5 }),
    length: fc.integer({ min: 1, max: 400_000 }),
  })
  .map(({ pages, ...rest }) => ({ ...rest, stripeBytes: rest.data * pages * page }));

test('worked examples', () => {
  const code = { data: 4, parity: 2 };
  assert.is(fullStripeBytes(code), 4 * MiB);
  assert.is(stripeCount(layoutOf(code, 10 * MiB)), 3);
  assert.is(stripeLength(layoutOf(code, 10 * MiB), 2), 2 * MiB);
  assert.is(fragmentLength(code, 1 * MiB), 256 * KiB);
  assert.is(slotBytes(code, 1 * MiB), 6 * (256 * KiB + page));
  assert.is(fragmentLength(code, 1), 64);
  assert.is(strideOf(64), 2 * page);
  assert.is(fullStripeBytes({ data: 6, parity: 3 }), 6 * 170 * page);
  assert.is(stripeCount(layoutOf(code, 0)), 0);
});

test('a full stripe of any code is whole pages a fragment and fits its slot', () => {
  fc.assert(
    fc.property(codes, (code) => {
      const full = fullStripeBytes(code);
      assert.is(full % (code.data * page), 0);
      assert.ok(full > 0 && full <= Math.max(limits.blobStripeBytes, code.data * page));
      assert.is(fragmentLength(code, full) * code.data, full);
      assert.ok(slotBytes(code, full) <= limits.blobSlotBytesMax);
    }),
  );
});

test('stripes share out the value, and no fragment is longer than it must be', () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      let sum = 0;
      for (let stripe = 0; stripe < stripeCount(layout); stripe++) {
        const bytes = stripeLength(layout, stripe);
        const fragment = fragmentLength(layout, bytes);
        assert.ok(bytes > 0 && bytes <= layout.stripeBytes);
        assert.ok(fragment * layout.data >= bytes);
        assert.ok((fragment - 64) * layout.data < bytes);
        assert.is(strideOf(fragment) % page, 0);
        sum += bytes;
      }
      assert.is(sum, layout.length);
    }),
  );
});

function refusesStripe(layout: BlobLayout, stripe: number): boolean {
  try {
    stripeLength(layout, stripe);
    return false;
  } catch (error) {
    return isThemisError(error, 'THEMIS_ASSERTION');
  }
}

test('a stripe beyond the value is a defect', () => {
  const layout = layoutOf({ data: 4, parity: 2 }, 4 * MiB);
  assert.ok(refusesStripe(layout, 1));
  assert.ok(refusesStripe(layout, -1));
  assert.not(refusesStripe(layout, 0));
});

test('ranges of stripes adjoin and are the range of the value', () => {
  fc.assert(
    fc.property(layouts, fc.nat(), fc.nat(), (layout, a, b) => {
      const [start, end] = [a % (layout.length + 1), b % (layout.length + 1)].sort((x, y) => x - y);
      let at = start as number;
      for (const { stripe, from, to } of stripeRanges(layout, at, end as number)) {
        assert.is(stripe * layout.stripeBytes + from, at);
        assert.ok(from < to && to <= stripeLength(layout, stripe));
        at = stripe * layout.stripeBytes + to;
      }
      assert.is(at, end);
    }),
  );
});

test('ranges of fragments adjoin, are whole blocks, cover the range and little more', () => {
  const block = 2 * page;
  fc.assert(
    fc.property(layouts, fc.nat(), fc.nat(), (layout, a, b) => {
      const bytes = stripeLength(layout, 0);
      const [from, to] = [a % bytes, b % bytes].sort((x, y) => x - y) as [number, number];
      const fragment = fragmentLength(layout, bytes);
      const ranges = fragmentRanges({ stripe: 0, from, to }, fragment, block);
      if (from === to) {
        assert.is(ranges.length, 0);
        return;
      }
      for (const [i, range] of ranges.entries()) {
        assert.ok(range.number < layout.data);
        assert.is(range.from % block, 0);
        assert.ok(range.to % block === 0 || range.to === fragment);
        if (i > 0) assert.is(range.from, 0);
        if (i < ranges.length - 1) assert.is(range.to, fragment);
        assert.is(range.number, (ranges[0]?.number ?? 0) + i);
      }
      const first = ranges[0] as (typeof ranges)[0];
      const last = ranges.at(-1) as (typeof ranges)[0];
      const covered = [
        first.number * fragment + first.from,
        last.number * fragment + last.to,
      ] as const;
      assert.ok(covered[0] <= from && from - covered[0] < block);
      assert.ok(covered[1] >= to && covered[1] - to < block);
    }),
  );
});

test.run();
