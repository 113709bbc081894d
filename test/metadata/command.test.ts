/** Commands: what is written is walked again, and nothing malformed is. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkCommand,
  commandHeaderBytes,
  commandOperations,
  nextOperation,
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
} from '../../src/metadata/index.js';
import { type Change, commandOf, writeCommand } from './commands.js';

const plain = { noNullPrototype: true } as const;
const bytes = fc.uint8Array({ maxLength: 80 });
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ key: bytes, value: fc.option(bytes, { nil: null }) }, plain),
  { maxLength: 8 },
);

function walk(memory: Uint8Array, offset: number): Change[] {
  const found: Change[] = [];
  let at = offset + commandHeaderBytes;
  for (let i = 0; i < commandOperations(memory, offset); i++) {
    const keyAt = at + operationHeaderBytes;
    const valueAt = keyAt + operationKeyBytes(memory, at);
    const isPut = operationKind(memory, at) === operationKinds.put;
    const value = memory.slice(valueAt, valueAt + operationValueBytes(memory, at));
    found.push({ key: memory.slice(keyAt, valueAt), value: isPut ? value : null });
    at = nextOperation(memory, at);
  }
  return found;
}

test('operations come back as they were written, over dirty memory, and padding is zero', () => {
  fc.assert(
    fc.property(changes, (written) => {
      const clean = commandOf(written);
      const memory = new Uint8Array(clean.length + 24).fill(0xa5);
      writeCommand(memory, 8, written);
      assert.equal(walk(memory, 8), written);
      assert.is(checkCommand(memory, 8, clean.length), written.length);
      assert.equal(memory.subarray(8, 8 + clean.length), clean);
      assert.ok(memory.subarray(8 + clean.length).every((byte) => byte === 0xa5));
    }),
  );
});

test('the worked example of the format: 16-byte key, 100-byte value, 132 bytes', () => {
  const one = [{ key: new Uint8Array(16), value: new Uint8Array(100) }];
  assert.is(commandOf(one).length, 132);
});

test('a command of another length, count, kind or size is not well formed', () => {
  const key = Uint8Array.of(1, 2, 3);
  const sound = commandOf([
    { key, value: key },
    { key, value: null },
  ]);
  const length = sound.length;
  assert.is(checkCommand(sound, 0, length), 2);
  for (let cut = 0; cut < length; cut++) assert.is(checkCommand(sound, 0, cut), -1);
  assert.is(checkCommand(sound, 0, length + 8), -1, 'longer than the memory');
  const damages: [number, number][] = [
    [0, 1], // one operation fewer
    [0, 3], // one more
    [8, 0], // kind 0
    [8, 3], // kind 3
    [9, 200], // key too long
    [12, 200], // value too long
    [15, 0x7f], // value of 2 GiB
    [15, 0xff], // value of 4 GiB
    [28, 1], // a delete with a value
  ];
  for (const [at, value] of damages) {
    const damaged = sound.slice();
    damaged[at] = value;
    assert.is(checkCommand(damaged, 0, length), -1, `byte ${at} set to ${value}`);
  }
});

test.run();
