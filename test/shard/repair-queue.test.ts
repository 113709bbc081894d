/** The order of repairs: least redundancy first, then age; what fails waits and blocks nobody. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { RepairQueue } from '../../src/shard/repair-queue.js';

const idle = () => false;

function drain(queue: RepairQueue, nowMs: number): number[] {
  const order: number[] = [];
  for (let next = queue.next(nowMs, idle); next !== null; next = queue.next(nowMs, idle)) {
    order.push(next);
    queue.done(next);
  }
  return order;
}

test('what can lose the least is first, then what waits longest; what is lost is last', () => {
  const rank = (spare: number): number => (spare < 0 ? 99 : spare);
  const entry = fc.record({ spare: fc.integer({ min: -1, max: 3 }), at: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const queue = new RepairQueue();
      for (const [i, { spare, at }] of entries.entries()) queue.add(i, spare, at);
      const expected = entries
        .map(({ spare, at }, i) => ({ spare, at, i }))
        .sort((a, b) => rank(a.spare) - rank(b.spare) || a.at - b.at || a.i - b.i)
        .map(({ i }) => i);
      assert.equal(drain(queue, 20), expected);
      assert.is(queue.size, 0);
    }),
  );
});

test('a blob that is in line already is there once, and moves up when it gets worse', () => {
  const queue = new RepairQueue();
  queue.add(1, 2, 0);
  queue.add(2, 1, 0);
  queue.add(1, 0, 5);
  assert.is(queue.size, 2);
  assert.equal(drain(queue, 5), [1, 2]);
});

test('what fails is parked, ever longer, and never stops the others', () => {
  const queue = new RepairQueue();
  queue.add(1, 0, 0);
  queue.add(2, 1, 0);
  let now = 0;
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    assert.is(queue.next(now, idle), 1, 'it has its turn again');
    queue.park(1, now, 'no');
    assert.is(queue.next(now, idle), 2, 'the other one is next');
    const parkedAt = now;
    while (queue.next(now, (blob) => blob === 2) !== 1) now += limits.repairRetryMs / 2;
    waits.push((now - parkedAt) / 60_000);
  }
  assert.equal(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
  assert.is(queue.parked(now - 1)[0]?.why, 'no');
});

test('the order holds whatever was added again, parked or done in between', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'park', 'done', 'wait'),
    blob: fc.nat(9),
    spare: fc.integer({ min: -1, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new RepairQueue();
      const model = new Map<number, { spare: number; since: number; readyAt: number; n: number }>();
      let now = 0;
      for (const { kind, blob, spare } of steps) {
        now += kind === 'wait' ? limits.repairRetryMs / 2 : 1;
        const known = model.get(blob);
        if (kind === 'add') {
          queue.add(blob, spare, now);
          if (known === undefined) model.set(blob, { spare, since: now, readyAt: now, n: 0 });
          else {
            if (spare < known.spare && spare >= 0) known.readyAt = Math.min(known.readyAt, now);
            known.spare = spare;
          }
        } else if (kind === 'park') {
          queue.park(blob, now, 'no');
          if (known !== undefined) {
            known.readyAt = now + limits.repairRetryMs * 2 ** Math.min(known.n, 6);
            known.n += 1;
          }
        } else if (kind === 'done') {
          queue.done(blob);
          model.delete(blob);
        }
        const rank = ({ spare: left }: { spare: number }): number => (left < 0 ? 99 : left);
        const order = [...model]
          .filter(([, { readyAt }]) => readyAt <= now)
          .sort(([a, x], [b, y]) => rank(x) - rank(y) || x.since - y.since || a - b)
          .map(([one]) => one);
        assert.is(queue.next(now, idle), order[0] ?? null);
        const second = queue.next(now, (one) => one === order[0]);
        assert.is(second, order[1] ?? null);
        assert.is(queue.hasReady(now), order.length > 0);
        assert.is(queue.size, model.size);
      }
    }),
  );
});

test('a change lets everything be tried at once; what runs is not taken twice', () => {
  const queue = new RepairQueue();
  queue.add(1, 0, 0);
  queue.park(1, 0, 'no device');
  assert.not(queue.hasReady(10));
  queue.unpark(10);
  assert.ok(queue.hasReady(10));
  assert.is(
    queue.next(10, (blob) => blob === 1),
    null,
  );
});

test('the queue is bounded; what does not fit is refused, not another dropped', () => {
  const queue = new RepairQueue();
  for (let i = 0; i < limits.repairQueueMax; i++) assert.ok(queue.add(i, 0, 0));
  assert.not(queue.add(limits.repairQueueMax, -1, 0));
  assert.ok(queue.add(5, -1, 0), 'what is in line may still get worse');
  assert.is(queue.size, limits.repairQueueMax);
});

test.run();
