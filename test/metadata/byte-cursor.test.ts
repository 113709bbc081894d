/** Variable-length integers: what is written is read, and nothing else is. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteCursor } from '../../src/metadata/byte-cursor.js';

function encode(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

test('numbers and bytes come back in order', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), fc.uint8Array(), (numbers, tail) => {
      const cursor = new ByteCursor(Uint8Array.from([...numbers.flatMap(encode), ...tail]));
      assert.equal(
        numbers.map(() => cursor.varint()),
        numbers,
      );
      assert.equal(cursor.take(tail.length), tail);
      assert.ok(cursor.ended && !cursor.bad);
    }),
  );
});

test('a number cut short, too long or longer than it needs makes the cursor bad for good', () => {
  for (const bytes of [[], [128], [255, 255], Array(11).fill(255), [129, 0], [128, 128, 0]]) {
    const cursor = new ByteCursor(Uint8Array.from(bytes));
    assert.is(cursor.varint(), 0);
    assert.ok(cursor.bad && cursor.ended);
    assert.is(cursor.take(1).length, 0);
  }
  const short = new ByteCursor(Uint8Array.of(1, 2));
  assert.is(short.take(3).length, 0);
  assert.ok(short.bad);
});

test.run();
