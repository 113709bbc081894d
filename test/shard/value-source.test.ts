/** A value in memory, in parts: all of it, in order, without a copy. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ValueSource } from '../../src/shard/value-source.js';

test('parts are views of the value, then comes the end', () => {
  const value = Uint8Array.of(1, 2, 3, 4, 5);
  const source = new ValueSource(value, 2);
  const parts = [source.next(), source.next(), source.next()];
  assert.equal(parts, [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5)]);
  assert.ok(parts.every((part) => typeof part !== 'string' && part.buffer === value.buffer));
  source.copied();
  assert.is(source.next(), 'end');
  assert.is(source.next(), 'end');
  assert.is(new ValueSource(new Uint8Array(0), 2).next(), 'end');
});

test.run();
