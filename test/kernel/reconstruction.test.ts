/** Plans read exactly `data` shards, data before parity, and say who is missing when they cannot. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { parityRows } from '../../src/kernel/coding-matrix.js';
import { product } from '../../src/kernel/galois-field.js';
import { type Code, reconstruction } from '../../src/kernel/reconstruction.js';
import { lossesUpTo, maskOf } from '../contract/coding-sample.js';

const code: Code = { data: 5, parity: 4, rows: parityRows('vandermonde', 5, 4) };

/** One byte of each of the nine shards. */
function stripeOf(data: readonly number[]): number[] {
  const parity = [0, 1, 2, 3].map((row) =>
    data.reduce((sum, byte, c) => sum ^ product(code.rows[row * 5 + c] as number, byte), 0),
  );
  return [...data, ...parity];
}

test('every loss, every wanted shard: the product gives its byte', () => {
  const stripe = stripeOf([17, 0, 255, 3, 99]);
  for (const lost of lossesUpTo(4, 9)) {
    const present = maskOf(stripe.map((_, i) => i).filter((shard) => !lost.includes(shard)));
    const { coefficients, sources, targets } = reconstruction(code, present, maskOf(lost));
    assert.equal([...targets], lost);
    assert.is(sources.length, 5);
    assert.not(sources.some((source) => lost.includes(source)));
    for (const [i, target] of targets.entries()) {
      const sum = sources.reduce((byte, source, j) => {
        return byte ^ product(coefficients[i * 5 + j] as number, stripe[source] as number);
      }, 0);
      assert.is(sum, stripe[target], `${target} of ${lost.join(' ')}`);
    }
  }
});

test('data is read before parity, and no more parity than data is lost', () => {
  const plan = reconstruction(code, maskOf([0, 2, 3, 5, 6, 7, 8]), maskOf([1]));
  assert.equal([...plan.sources], [0, 2, 3, 5, 6]);
  const parity = reconstruction(code, maskOf([0, 1, 2, 3, 4, 5]), maskOf([8]));
  assert.equal([...parity.sources], [0, 1, 2, 3, 4]);
  assert.equal(parity.coefficients, code.rows.subarray(15, 20));
});

test('a wanted data shard may be the only one of several that are missing', () => {
  const { targets, coefficients } = reconstruction(code, maskOf([1, 3, 5, 6, 7]), maskOf([2]));
  assert.equal([...targets], [2]);
  assert.is(coefficients.length, 5);
});

test('too few are refused whatever is wanted, and all that are missing are named', () => {
  for (const wanted of [maskOf([0]), maskOf([8]), maskOf([0, 4, 5, 7, 8])]) {
    assert.throws(
      () => reconstruction(code, maskOf([1, 2, 3, 6]), wanted),
      (error: unknown) =>
        isThemisError(error, 'THEMIS_SHARDS_MISSING') &&
        error.message.startsWith('Of the 9 shards of a stripe 0, 4, 5, 7, 8 are missing; only 4'),
    );
  }
});

test.run();
