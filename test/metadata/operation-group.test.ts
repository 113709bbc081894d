/** The order of a group is that of its keys, and of their versions within a key. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareBytes } from '../../src/base/index.js';
import { OperationGroup } from '../../src/metadata/operation-group.js';
import { commandOf, writeCommand } from './commands.js';

/** Keys that share prefixes, end in zeros, and repeat: where a sort by four bytes must be fixed. */
const keys = fc
  .tuple(
    fc.constantFrom('', 'user:', 'user:0000'),
    fc.array(fc.constantFrom(0, 1, 0x30, 0x31, 0xff), { maxLength: 7 }),
  )
  .map(([prefix, rest]) => Uint8Array.from([...Buffer.from(prefix), ...rest]));

test('sorting agrees with a stable sort by whole keys, and endOfKey finds each key once', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 60 }), (list) => {
      const changes = list.map((key) => ({ key, value: null }));
      const memory = new Uint8Array(commandOf(changes).length);
      const group = new OperationGroup();
      group.memory = memory;
      for (const [i, offset] of writeCommand(memory, 0, changes).entries()) group.add(offset, i);
      group.sort();
      const expected = list.map((_, i) => i);
      const keyOf = (i: number): Uint8Array => list[i] as Uint8Array;
      expected.sort((a, b) => compareBytes(keyOf(a), keyOf(b)) || a - b);
      assert.equal([...group.order.subarray(0, group.size)], expected);
      const distinct = new Set(list.map((key) => Buffer.from(key).toString('hex'))).size;
      let found = 0;
      for (let at = 0; at < group.size; at = group.endOfKey(at)) found++;
      assert.is(found, distinct);
    }),
    { numRuns: 500 },
  );
});

test('a group grows with a large command and is empty after clear', () => {
  const group = new OperationGroup();
  const memory = new Uint8Array(100);
  writeCommand(memory, 0, [{ key: Uint8Array.of(1), value: null }]);
  group.memory = memory;
  for (let i = 0; i < 10_000; i++) group.add(8, i);
  group.sort();
  assert.is(group.endOfKey(0), 10_000);
  assert.is(group.order[9_999], 9_999);
  group.clear();
  assert.is(group.size, 0);
});

test.run();
