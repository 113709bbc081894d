/**
 * The matrices are the known ones, and any `data` of their rows are invertible: all choices for
 * small shapes. The vectors of other implementations are in the contract (coder.test.ts).
 */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { type CodingMatrix, parityRows } from '../../src/kernel/coding-matrix.js';
import { product } from '../../src/kernel/galois-field.js';
import { inverseOf } from '../../src/kernel/matrix-inverse.js';
import { lossesUpTo } from '../contract/coding-sample.js';

/** The Vandermonde matrix by its definition: powers, times the inverse of its top. */
function byInversion(data: number, parity: number): Uint8Array {
  const power = (base: number, exponent: number): number =>
    exponent === 0 ? 1 : product(base, power(base, exponent - 1));
  const shards = data + parity;
  const all = Uint8Array.from({ length: shards * data }, (_, i) =>
    power(Math.floor(i / data), i % data),
  );
  const top = inverseOf(all.subarray(0, data * data), data);
  return Uint8Array.from({ length: parity * data }, (_, i) => {
    const [row, column] = [data + Math.floor(i / data), i % data];
    let sum = 0;
    for (let j = 0; j < data; j++) {
      sum ^= product(all[row * data + j] as number, top[j * data + column] as number);
    }
    return sum;
  });
}

test('vandermonde is the matrix of powers times the inverse of its top', () => {
  for (const [data, parity] of [
    [1, 1],
    [1, 255],
    [2, 3],
    [4, 2],
    [10, 4],
    [17, 3],
    [60, 196],
  ]) {
    const rows = parityRows('vandermonde', data as number, parity as number);
    assert.equal(rows, byInversion(data as number, parity as number), `${data}+${parity}`);
  }
});

test('cauchy is 1 / (row xor column)', () => {
  const rows = parityRows('cauchy', 10, 4);
  for (const [i, coefficient] of rows.entries()) {
    assert.is(product(coefficient, (10 + Math.floor(i / 10)) ^ (i % 10)), 1);
  }
});

/** Identity above parity, only the rows of the shards that are left. */
function survivors(matrix: CodingMatrix, data: number, parity: number, lost: number[]): Uint8Array {
  const rows = parityRows(matrix, data, parity);
  const left: number[] = [];
  for (let shard = 0; shard < data + parity; shard++) {
    if (lost.includes(shard)) continue;
    for (let c = 0; c < data; c++) {
      if (shard < data) left.push(shard === c ? 1 : 0);
      else left.push(rows[(shard - data) * data + c] as number);
    }
  }
  return Uint8Array.from(left);
}

test('any `data` rows are invertible, for every shape of up to ten shards', () => {
  for (const matrix of ['vandermonde', 'cauchy'] as const) {
    for (let data = 1; data <= 9; data++) {
      for (let parity = 1; data + parity <= 10; parity++) {
        for (const lost of lossesUpTo(parity, data + parity)) {
          if (lost.length < parity) continue;
          inverseOf(survivors(matrix, data, parity, lost), data);
        }
      }
    }
  }
});

test('the check above finds a matrix that is not fit: powers below an identity', () => {
  // Rows 1, 2, 4, 8, ... and 1, 4, 16, ...: ISA-L's gf_gen_rs_matrix, singular for some losses.
  const square = Uint8Array.of(0, 1, 1, 0, 1, 1, 1, 1, 1);
  assert.throws(
    () => inverseOf(square, 3),
    (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION'),
  );
});

test.run();
