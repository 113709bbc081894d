/** The request distributions: probabilities against theory, and YCSB's hash against known values. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createRandomSource,
  fnv64Decimal,
  fnv64Modulo,
  LatestZipfian,
  ScrambledZipfian,
  Zipfian,
  zipfianConstant,
} from '../../bench/harness/index.js';

const draws = 200_000;

function countsOf(items: number, next: () => number): Uint32Array {
  const counts = new Uint32Array(items);
  for (let i = 0; i < draws; i++) {
    const item = next();
    assert.ok(Number.isInteger(item) && item >= 0 && item < items, `item ${item} of ${items}`);
    counts[item] = (counts[item] as number) + 1;
  }
  return counts;
}

/** FNV-1 of a long in YCSB's octet order, with big integers: the definition. */
function fnvByDefinition(value: number): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0n; i < 8n; i++) {
    const octet = (BigInt(value) >> (8n * i)) & 0xffn;
    hash = BigInt.asUintN(64, (hash ^ octet) * 0x100000001b3n);
  }
  const signed = BigInt.asIntN(64, hash);
  return signed < 0n ? -signed : signed;
}

test('the most popular items have the probabilities of the formula', () => {
  const items = 1000;
  const random = createRandomSource(7);
  const zipfian = new Zipfian(items);
  const counts = countsOf(items, () => zipfian.next(random));
  let zeta = 0;
  for (let i = 1; i <= items; i++) zeta += 1 / i ** zipfianConstant;
  // Items 0 and 1 are exact in Gray's method; further ones are approximated by a curve.
  for (const item of [0, 1]) {
    const expected = draws / (item + 1) ** zipfianConstant / zeta;
    const off = Math.abs((counts[item] as number) - expected) / Math.sqrt(expected);
    assert.ok(off < 5, `item ${item} is ${off} deviations off`);
  }
  let cumulated = 0;
  let expected = 0;
  for (let item = 0; item < items; item++) {
    cumulated += (counts[item] as number) / draws;
    expected += 1 / (item + 1) ** zipfianConstant / zeta;
    assert.ok(Math.abs(cumulated - expected) < 0.03, `up to item ${item}: ${cumulated}`);
  }
});

test('growing gives the distribution of the larger number of items', () => {
  const grown = new Zipfian(10);
  grown.grow(500);
  const whole = new Zipfian(500);
  const one = createRandomSource(3);
  const other = createRandomSource(3);
  for (let i = 0; i < 1000; i++) assert.is(grown.next(one), whole.next(other));
});

test('scrambling keeps the shares of popular items and moves them apart', () => {
  const items = 10_000;
  const random = createRandomSource(11);
  const zipfian = new ScrambledZipfian(items);
  const counts = countsOf(items, () => zipfian.next(random));
  const ranked = [...counts.entries()].sort((a, b) => b[1] - a[1]);
  const [top, second] = ranked;
  // 1 / 26.47 of all draws among ten billion items, half of it for the next.
  assert.is(top?.[0], fnv64Modulo(0, items));
  assert.is(second?.[0], fnv64Modulo(1, items));
  const share = (top?.[1] ?? 0) / draws;
  assert.ok(share > 0.036 && share < 0.04, `share of the first: ${share}`);
  const lower = counts.slice(0, items / 2).reduce((sum, count) => sum + count, 0) / draws;
  assert.ok(lower > 0.35 && lower < 0.65, `share of the lower half: ${lower}`);
});

test('latest prefers the newest of a growing number of items', () => {
  const random = createRandomSource(5);
  const latest = new LatestZipfian(100);
  let newest = 0;
  for (let items = 100; items < 2100; items++) {
    const item = latest.next(random, items);
    assert.ok(item >= 0 && item < items);
    if (item === items - 1) newest += 1;
  }
  // 1 / zeta(n, 0.99) lies between 0.12 and 0.19 for 100 to 2,100 items.
  assert.ok(newest > 200 && newest < 420, `${newest} of 2000 drew the newest`);
});

test('the hash equals its definition in big integers', () => {
  const random = createRandomSource(13);
  const values = [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 9_999_999_999];
  for (let i = 0; i < 500; i++) values.push(random.below(2 ** 32) * 2 ** random.below(20));
  for (const value of values) {
    const expected = fnvByDefinition(value);
    assert.is(fnv64Decimal(value), expected.toString());
    assert.is(fnv64Modulo(value, 1_000_003), Number(expected % 1_000_003n));
  }
});

test('the first record has the key that YCSB gives it', () => {
  assert.is(`user${fnv64Decimal(0)}`, 'user6284781860667377211');
});

test.run();
