/** The seeded streams: the contract, published values, pinned values. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/io/index.js';
import { splitMix64 } from '../../src/io/random-seeded.js';
import { randomContract } from '../contract/random.js';

randomContract(test, 'seeded', () => seededRandom(0x7e3157n));

test('SplitMix64 gives the numbers of its published reference', () => {
  let state = 1234567n;
  const values: bigint[] = [];
  for (let i = 0; i < 5; i++) {
    const next = splitMix64(state);
    state = next.state;
    values.push(next.value);
  }
  assert.equal(values, [
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

test('the numbers of a seed never change: stored seeds stay repeatable', () => {
  const stream = seededRandom(1).stream('a');
  assert.equal([stream.u32(), stream.u32(), stream.u32()], [2536827703, 641096393, 3052270839]);
});

test('drawing from one stream does not move another', () => {
  const random = seededRandom(42);
  const alone = random.stream('a');
  const expected = [alone.u32(), alone.u32()];
  const a = random.stream('a');
  const b = random.stream('b');
  const first = a.u32();
  for (let i = 0; i < 100; i++) b.u32();
  assert.equal([first, a.u32()], expected);
});

test('seeds are 64 bits: each bit counts, numbers and bigints agree', () => {
  const firstOf = (seed: bigint | number): number => seededRandom(seed).stream('a').u32();
  assert.is(firstOf(5), firstOf(5n));
  assert.is(firstOf(-1), firstOf(2n ** 64n - 1n));
  const seen = new Set([firstOf(0)]);
  for (let bit = 0n; bit < 64n; bit++) seen.add(firstOf(1n << bit));
  assert.is(seen.size, 65);
});

test.run();
