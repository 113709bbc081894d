/** Keys, values and their order: distinct, checkable, the same for the same seed. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf, Shuffle, stampedKey, ValueSource } from '../../bench/kv/index.js';

test('keys have 16 digits and sort like their numbers', () => {
  const number = fc.integer({ min: 0, max: 10 ** 15 });
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.is(Buffer.from(keyOf(a)).toString(), String(a).padStart(16, '0'));
      assert.is(Math.sign(Buffer.compare(keyOf(a), keyOf(b))), Math.sign(a - b));
    }),
  );
});

test('a shuffle gives every number once, for every size up to 300 and some larger ones', () => {
  const sizes = [...Array.from({ length: 300 }, (_, i) => i + 1), 4096, 4097, 65_535];
  for (const size of sizes) {
    const shuffle = new Shuffle(size, 42);
    const seen = new Uint8Array(size);
    for (let i = 0; i < size; i++) seen[shuffle.at(i)] = 1;
    assert.ok(
      seen.every((mark) => mark === 1),
      `size ${size}`,
    );
  }
});

test('a shuffle is not the order itself, and depends on the seed', () => {
  const at = (seed: number): number[] => {
    const shuffle = new Shuffle(1000, seed);
    return Array.from({ length: 1000 }, (_, i) => shuffle.at(i));
  };
  const rising = at(1).filter((value, i, all) => i > 0 && value > (all[i - 1] as number)).length;
  assert.ok(rising > 350 && rising < 650, `${rising} of 999 steps go up`);
  assert.equal(at(1), at(1));
  assert.not.equal(at(1), at(2));
});

test('values carry the key, differ between versions, and are the same for the same seed', () => {
  const one = new ValueSource(9, 100);
  const other = new ValueSource(9, 100);
  for (let i = 0; i < 20_000; i++) {
    const value = one.next(i, 1);
    assert.is(stampedKey(value), i);
    assert.is(value.length, 100);
    if (i % 1000 === 0) assert.not.equal(value, one.next(i, 2));
    if (i % 1000 === 0) other.next(i, 2);
    other.next(i, 1);
  }
  assert.equal(one.next(5, 5), other.next(5, 5));
});

test('key numbers of all 32 bits survive the stamp; nothing has no key', () => {
  const values = new ValueSource(1, 8);
  for (const number of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    assert.is(stampedKey(values.next(number, 7)), number);
  }
  assert.is(stampedKey(undefined), -1);
  assert.is(stampedKey(new Uint8Array(3)), -1);
});

test.run();
