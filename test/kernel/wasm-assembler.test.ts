/** What is assembled is what the engine understands: numbers of every length, locals, loops. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble, type FunctionSource, op } from '../../src/kernel/wasm-assembler.js';
import { compile, instantiate, sharedMemory } from '../../src/kernel/web-assembly.js';

type Run = (...numbers: number[]) => number;

function functionsOf(functions: readonly FunctionSource[]): Readonly<Record<string, Run>> {
  const exported = instantiate(compile(assemble(functions)), sharedMemory(1));
  return exported as Readonly<Record<string, Run>>;
}

test('constants of every length of encoding come back', () => {
  const powers = Array.from({ length: 31 }, (_, i) => 2 ** i);
  const values = powers.flatMap((power) => [power - 1, power, -power, -power - 1]);
  const all = [...values, 2 ** 31 - 1, -(2 ** 31)];
  const functions = functionsOf(
    all.map((value, i) => ({
      name: `f${i}`,
      parameters: 0,
      vectors: 0,
      returns: true,
      body: op.i32Const(value),
    })),
  );
  for (const [i, value] of all.entries()) assert.is(functions[`f${i}`]?.(), value);
});

test('a parameter with a number of two bytes is found', () => {
  const { last } = functionsOf([
    { name: 'last', parameters: 300, vectors: 0, returns: true, body: op.get(299) },
  ]);
  assert.is(last?.(...Array.from({ length: 300 }, (_, i) => i)), 299);
});

test('a loop runs while its body leaves a number, and an early return leaves it', () => {
  const [left, sum, limit] = [0, 1, 2];
  const step = [
    ...[...op.get(sum), ...op.get(left), ...op.i32Add, ...op.set(sum)],
    ...[
      ...op.get(sum),
      ...op.get(limit),
      ...op.i32ShrU,
      ...op.ifThen([...op.get(sum), ...op.return]),
    ],
    ...[...op.get(left), ...op.i32Const(1), ...op.i32Sub, ...op.set(left), ...op.get(left)],
  ];
  const { total } = functionsOf([
    {
      name: 'total',
      parameters: 3,
      vectors: 0,
      returns: true,
      body: [...op.loopWhile(step), ...op.get(sum)],
    },
  ]);
  assert.is(total?.(10, 0, 31), 55);
  assert.is(total?.(10, 0, 4), 19);
});

test('a module of vectors reads and writes the memory that is imported', () => {
  const memory = sharedMemory(1);
  const bytes = new Uint8Array(memory.buffer);
  for (let i = 0; i < 16; i++) bytes[i + 1] = 16 - i;
  const body = [
    ...op.get(1),
    ...[...op.get(0), ...op.v128Load, ...op.v128Const([...Array(16).keys()]), ...op.v128Xor],
    ...op.v128Store,
  ];
  const source = { name: 'flip', parameters: 2, vectors: 3, returns: false, body };
  const { flip } = instantiate(compile(assemble([source])), memory) as Record<string, Run>;
  flip?.(1, 33);
  assert.equal(
    [...bytes.subarray(33, 49)],
    [...Array(16).keys()].map((i) => (16 - i) ^ i),
  );
});

test.run();
