/** Rounds: turns rotate, ratios are taken per round, medians are medians. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inTurn, median, medianRatio, runInTurns, spread } from '../../bench/harness/index.js';

test('each round starts with another contestant, and everybody runs once a round', async () => {
  const order: string[] = [];
  const contestant = (name: string) => ({
    name,
    run: async (round: number) => {
      order.push(`${name}${round}`);
      return round;
    },
  });
  const samples = await runInTurns(['A', 'B', 'C'].map(contestant), { rounds: 4 });
  assert.equal(order, ['A0', 'B0', 'C0', 'B1', 'C1', 'A1', 'C2', 'A2', 'B2', 'A3', 'B3', 'C3']);
  assert.equal(samples.get('B'), [0, 1, 2, 3]);
});

test('warm-up rounds run and leave no samples', async () => {
  let runs = 0;
  const run = async (round: number): Promise<number> => {
    runs += 1;
    return round;
  };
  const samples = await runInTurns([{ name: 'A', run }], { rounds: 2, warmupRounds: 3 });
  assert.is(runs, 5);
  assert.equal(samples.get('A'), [3, 4]);
});

test('an order is a rotation of the contestants', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 1 }), fc.nat(), (items, round) => {
      const order = inTurn(items, round);
      const start = items.indexOf(order[0] as number);
      assert.is(start, round % items.length);
      order.forEach((item, i) => {
        assert.is(item, items[(start + i) % items.length]);
      });
    }),
  );
  assert.equal(inTurn([], 3), []);
});

test('the median has as many values below as above', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
  fc.assert(
    fc.property(values, (samples) => {
      const middle = median(samples);
      const below = samples.filter((value) => value < middle).length;
      const above = samples.filter((value) => value > middle).length;
      assert.ok(below <= samples.length / 2 && above <= samples.length / 2);
    }),
  );
  assert.is(median([4, 1, 3]), 3);
  assert.is(median([4, 1, 3, 2]), 2.5);
});

test('a ratio is the median of the rounds’ ratios, not the ratio of medians', () => {
  // The machine became ten times slower in the third round, for both.
  assert.is(medianRatio([200, 220, 20], [100, 110, 10]), 2);
  assert.is(medianRatio([1, 9, 100], [1, 3, 100]), 1);
  assert.is(medianRatio([], [1]), null);
});

test('the spread is the range over the median', () => {
  assert.is(spread([90, 100, 120]), 0.3);
  assert.is(spread([5]), 0);
});

test.run();
