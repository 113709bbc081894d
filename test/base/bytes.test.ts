/** Bytes: integers there and back, order, and views that share memory. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bufferOf, compareBytes, isZero, readU64, viewOf, writeU64 } from '../../src/base/index.js';

test('every counter below 2^53 is read as it was written, and as BigInt has it', () => {
  const counter = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
  fc.assert(
    fc.property(counter, fc.nat(8), (value, offset) => {
      const view = new DataView(new ArrayBuffer(16));
      writeU64(view, offset, value);
      assert.is(readU64(view, offset), value);
      assert.is(view.getBigUint64(offset, true), BigInt(value));
    }),
  );
});

test('views and buffers are over the same bytes, also in the middle of a memory', () => {
  const memory = Uint8Array.from([9, 1, 2, 3, 9]);
  const middle = memory.subarray(1, 4);
  assert.is(viewOf(middle).byteLength, 3);
  assert.is(viewOf(middle).getUint8(0), 1);
  bufferOf(middle)[1] = 7;
  assert.equal([...memory], [9, 1, 7, 3, 9]);
});

test('order is that of the texts in which each byte is a letter', () => {
  const bytes = fc.uint8Array({ maxLength: 4, max: 3 });
  const letters = (value: Uint8Array): string => bufferOf(value).toString('latin1');
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const expected = letters(a) < letters(b) ? -1 : letters(a) > letters(b) ? 1 : 0;
      assert.is(Math.sign(compareBytes(a, b)), expected);
    }),
  );
});

test('one bit anywhere makes bytes nonzero', () => {
  assert.ok(isZero(new Uint8Array(0)));
  for (let bit = 0; bit < 64; bit++) {
    const bytes = new Uint8Array(8);
    assert.ok(isZero(bytes));
    bytes[bit >> 3] = 1 << (bit & 7);
    assert.not(isZero(bytes));
  }
});

test.run();
