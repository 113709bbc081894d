/** Room in the slab: disjoint, joined again when freed, first come first served. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { SlabAllocator } from '../../src/shard/slab-allocator.js';

const page = limits.blockBytes;

/** Requests that must be served at once. */
function take(slab: SlabAllocator, pages: number): number {
  let taken = -1;
  slab.request(pages * page, (offset) => {
    taken = offset;
  });
  assert.ok(taken >= 0, 'served at once');
  return taken;
}

test('first fit: the lowest room that is large enough', () => {
  const slab = new SlabAllocator(10 * page);
  const [a, b, c] = [take(slab, 2), take(slab, 3), take(slab, 2)];
  assert.equal([a, b, c], [0, 2 * page, 5 * page]);
  slab.free(a as number);
  slab.free(c as number);
  assert.is(take(slab, 3), 5 * page);
  assert.is(take(slab, 1), 0);
  assert.is(slab.freeBytes, 3 * page);
});

test('any order of taking and freeing: nothing overlaps, and all comes back as one piece', () => {
  const steps = fc.array(fc.record({ pages: fc.integer({ min: 1, max: 9 }), pick: fc.nat(99) }));
  fc.assert(
    fc.property(steps, (list) => {
      const slab = new SlabAllocator(64 * page);
      const live = new Map<number, number>();
      const waits: (() => void)[] = [];
      for (const { pages, pick } of list) {
        if (pick < 60) {
          const bytes = pages * page - (pick % 7);
          waits.push(slab.request(bytes, (offset) => live.set(offset, pages * page)));
        } else {
          const offset = [...live.keys()][pick % Math.max(1, live.size)];
          if (offset === undefined) continue;
          live.delete(offset);
          slab.free(offset);
        }
        const extents = [...live].sort(([a], [b]) => a - b);
        let end = 0;
        for (const [offset, bytes] of extents) {
          assert.ok(offset >= end);
          end = offset + bytes;
        }
        assert.ok(end <= slab.byteLength);
        const used = extents.reduce((sum, [, bytes]) => sum + bytes, 0);
        assert.is(slab.freeBytes, slab.byteLength - used);
      }
      for (const withdraw of waits) withdraw();
      for (const offset of [...live.keys()]) slab.free(offset);
      assert.is(slab.waiting, 0);
      assert.is(take(slab, 64), 0);
    }),
  );
});

test('who came first is served first, also before one for whom there would be room', () => {
  const slab = new SlabAllocator(4 * page);
  const held = [take(slab, 2), take(slab, 1)];
  const order: string[] = [];
  slab.request(3 * page, () => order.push('large'));
  slab.request(1 * page, () => order.push('small'));
  assert.equal(order, []);
  assert.is(slab.waiting, 2);
  slab.free(held[1] as number);
  assert.equal(order, []);
  slab.free(held[0] as number);
  assert.equal(order, ['large', 'small']);
});

test('who goes away lets those behind pass; once served, going away does nothing', () => {
  const slab = new SlabAllocator(2 * page);
  take(slab, 1);
  const withdraw = slab.request(2 * page, () => assert.unreachable('withdrawn'));
  let served = -1;
  const late = slab.request(1 * page, (offset) => {
    served = offset;
  });
  withdraw();
  assert.is(served, 1 * page);
  late();
  assert.is(slab.freeBytes, 0);
});

test('what cannot ever fit, and what was not taken, are defects', () => {
  const slab = new SlabAllocator(2 * page);
  const defects = [
    () => slab.request(3 * page, () => undefined),
    () => slab.request(0, () => undefined),
    () => slab.free(0),
    () => new SlabAllocator(page + 1),
  ];
  for (const defect of defects) {
    let code: string | undefined;
    try {
      defect();
    } catch (error) {
      code = codeOf(error);
    }
    assert.is(code, 'THEMIS_ASSERTION');
  }
});

test.run();
