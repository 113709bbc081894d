/** Memory that is used again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Scratch } from '../../src/device/scratch.js';

test('it is the same memory until more is taken than it has', () => {
  const scratch = new Scratch();
  const first = scratch.take(8_192);
  assert.is(first.length, 8_192);
  assert.is(scratch.take(4_096).buffer, first.buffer);
  const larger = scratch.take(100_000);
  assert.is.not(larger.buffer, first.buffer);
  assert.is(larger.length, 100_000);
  assert.is(scratch.take(8_192).buffer, larger.buffer);
  assert.is(larger.byteOffset % 4_096, 0);
});

test.run();
