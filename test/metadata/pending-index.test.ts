/** The pending index against a plain list, through growth, wrap-around and collisions. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { PendingIndex } from '../../src/metadata/index.js';
import { hashBytes } from '../../src/metadata/pending-index.js';
import { writeCommand } from './commands.js';

const operationStep = 32;
const key = (n: number): Uint8Array => Uint8Array.from(Buffer.from(`key${n}`));

/** Memory with one operation on key n % keys at each multiple of operationStep. */
function memoryOf(operations: number, keys: number): Uint8Array {
  const memory = new Uint8Array(new SharedArrayBuffer((operations + 1) * operationStep));
  for (let i = 0; i < operations; i++) {
    writeCommand(memory, i * operationStep, [{ key: key(i % keys), value: Uint8Array.of(i) }]);
  }
  return memory;
}

const offsetOf = (operation: number): number => operation * operationStep + 8;

type Step = { add: number; same: boolean } | { release: number } | { find: number; back: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ add: fc.nat(9), same: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ release: fc.nat(12) }) },
    { weight: 5, arbitrary: fc.record({ find: fc.nat(11), back: fc.nat(6) }) },
  ),
  { maxLength: 200 },
);

test('finds what a list of the pending operations finds', () => {
  const keys = 10;
  const operations = 64;
  const memory = memoryOf(operations, keys);
  fc.assert(
    fc.property(steps, (script) => {
      const index = new PendingIndex(memory, 2, 64);
      let model: { key: number; offset: number; version: number }[] = [];
      let version = 1;
      let next = 0;
      for (const step of script) {
        if ('add' in step) {
          if (model.length === 64) continue;
          // The next free operation of memory that is on the wanted key.
          while (next % keys !== step.add) next = (next + 1) % operations;
          if (!step.same) version++;
          index.add(offsetOf(next), version);
          model.push({ key: step.add, offset: offsetOf(next), version });
          next = (next + 1) % operations;
        } else if ('release' in step) {
          const applied = version - step.release;
          index.release(applied);
          model = model.filter((entry) => entry.version > applied);
        } else {
          const max = version - step.back;
          const matching = model.filter((e) => e.key === step.find && e.version <= max);
          assert.is(index.find(key(step.find), max), matching.at(-1)?.offset ?? -1);
          const newest = model.filter((e) => e.key === step.find).at(-1);
          assert.is(index.newestVersion(key(step.find)), newest?.version ?? -1);
        }
        assert.is(index.size, model.length);
        assert.is(index.room, 64 - model.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('a long run through a small pool forgets exactly what is released', () => {
  const memory = memoryOf(1000, 7);
  const index = new PendingIndex(memory, 16, 64);
  for (let version = 1; version <= 20_000; version++) {
    index.add(offsetOf(version % 1000), version);
    if (version % 3 === 0) index.release(version - 40);
    if (version % 11 !== 0) continue;
    const operation = version % 1000;
    assert.is(index.find(key(operation % 7), version), offsetOf(operation));
    assert.is(index.find(key(operation % 7), version - 60), -1);
  }
  index.release(20_000);
  assert.is(index.size, 0);
  assert.is(index.find(key(1), 30_000), -1);
});

test('one operation too many is THEMIS_OVERLOADED and changes nothing', () => {
  const index = new PendingIndex(memoryOf(9, 9), 2, 8);
  for (let i = 0; i < 8; i++) index.add(offsetOf(i), i + 1);
  assert.throws(
    () => index.add(offsetOf(8), 9),
    (error: unknown) => isThemisError(error, 'THEMIS_OVERLOADED'),
  );
  assert.is(index.size, 8);
  assert.is(index.find(key(0), 99), offsetOf(0));
  index.release(1);
  index.add(offsetOf(8), 9);
  assert.is(index.find(key(8), 99), offsetOf(8));
  assert.is(index.find(key(0), 99), -1);
});

test('the hash depends on every byte and on the length, not on where the bytes lie', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
  for (let length = 0; length < 24; length++) {
    const moved = new Uint8Array(40);
    moved.set(bytes.subarray(0, length), 5);
    const hash = hashBytes(bytes, 0, length);
    assert.is(hashBytes(moved, 5, length), hash);
    for (let i = 0; i < length; i++) {
      const changed = bytes.slice(0, length);
      changed[i] = (changed[i] as number) ^ 0x80;
      assert.is.not(hashBytes(changed, 0, length), hash);
    }
    assert.is.not(hashBytes(new Uint8Array(25), 0, length), hashBytes(new Uint8Array(25), 0, 25));
  }
});

test.run();
