/** The module's functions, called directly: every tile with every coefficient, and comparison. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { product } from '../../src/kernel/galois-field.js';
import { codingModule, stepBytes, tiles } from '../../src/kernel/wasm-module.js';
import { compile, instantiate, sharedMemory } from '../../src/kernel/web-assembly.js';

type Run = (...numbers: number[]) => number;

const memory = sharedMemory(1);
const bytes = new Uint8Array(memory.buffer);
const functions = instantiate(compile(codingModule()), memory) as Readonly<Record<string, Run>>;

/** The two words of a coefficient: its products with 1, 2, 4, 8 and with 16, 32, 64, 128. */
function wordsOf(coefficient: number): number[] {
  return [0, 4].map((first) =>
    [0, 1, 2, 3].reduce((word, i) => word | (product(coefficient, 1 << (first + i)) << (8 * i)), 0),
  );
}

test('a tile of one source multiplies every byte by every coefficient', () => {
  const { multiply1x1: multiply, add1x1: add } = functions;
  for (let i = 0; i < 256; i++) bytes[1_001 + i] = i;
  for (let coefficient = 0; coefficient < 256; coefficient++) {
    multiply?.(5, 1_001, 256, ...wordsOf(coefficient));
    const expected = Array.from({ length: 256 }, (_, i) => product(coefficient, i));
    assert.equal([...bytes.subarray(5, 261)], expected);
    add?.(5, 1_001, 256, ...wordsOf(coefficient));
    assert.ok(bytes.subarray(5, 261).every((byte) => byte === 0));
  }
});

test('every tile has its targets, sources and coefficients in their order', () => {
  for (const [targets, sources] of tiles) {
    const name = `${targets}x${sources}`;
    const to = Array.from({ length: targets }, (_, i) => 3 + 100 * i);
    const from = Array.from({ length: sources }, (_, j) => 1_001 + 100 * j);
    const coefficients = Array.from({ length: targets * sources }, (_, i) => 7 + 31 * i);
    for (let i = 0; i < 2_000; i++) bytes[i] = i * 13;
    const before = Uint8Array.from(bytes);
    const numbers = [...to, ...from, 2 * stepBytes, ...coefficients.flatMap(wordsOf)];
    for (const adding of [false, true]) {
      bytes.set(before);
      functions[`${adding ? 'add' : 'multiply'}${name}`]?.(...numbers);
      const expected = Uint8Array.from(before);
      for (const [i, start] of to.entries()) {
        for (let at = 0; at < 2 * stepBytes; at++) {
          let sum = adding ? (before[start + at] as number) : 0;
          for (const [j, source] of from.entries()) {
            const coefficient = coefficients[i * sources + j] as number;
            sum ^= product(coefficient, before[source + at] as number);
          }
          expected[start + at] = sum;
        }
      }
      assert.equal(bytes, expected, `${name} ${adding}`);
    }
  }
});

test('for every number of targets there is a tile with one source', () => {
  for (const height of [1, 2, 3, 4]) {
    const widths = tiles.filter(([targets]) => targets === height).map(([, sources]) => sources);
    assert.is(widths.at(-1), 1);
    assert.equal(
      widths,
      [...widths].sort((a, b) => b - a),
    );
  }
});

test('compare names the first 16 bytes that differ, or the length', () => {
  const { compare } = functions;
  bytes.fill(9, 0, 1_000);
  assert.is(compare?.(1, 502, 96, 96), 96);
  for (let at = 0; at < 96; at++) {
    bytes[1 + at] = 8;
    assert.is(compare?.(1, 502, 96, 96), at & ~15);
    bytes[597] = 7;
    assert.is(compare?.(1, 502, 96, 96), at & ~15);
    bytes.fill(9, 0, 1_000);
  }
});

test.run();
