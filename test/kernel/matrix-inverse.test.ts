/** An inverse times its matrix is the identity, also where a pivot must be fetched from below. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { seededRandom } from '../../src/io/index.js';
import { product } from '../../src/kernel/galois-field.js';
import { inverseOf } from '../../src/kernel/matrix-inverse.js';

function times(a: Uint8Array, b: Uint8Array, size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    let sum = 0;
    for (let j = 0; j < size; j++) {
      sum ^= product(a[row * size + j] as number, b[j * size + column] as number);
    }
    return sum;
  });
}

function identity(size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

test('every 2 x 2 matrix over the first 16 elements is inverted, or refused when singular', () => {
  for (let i = 0; i < 65_536; i++) {
    const [a, b, c, d] = [i & 15, (i >> 4) & 15, (i >> 8) & 15, i >> 12];
    const matrix = Uint8Array.of(a, b, c, d);
    if (product(a, d) === product(b, c)) {
      assert.throws(
        () => inverseOf(matrix, 2),
        (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION'),
      );
    } else {
      assert.equal(times(matrix, inverseOf(matrix, 2), 2), identity(2));
    }
  }
});

test('random matrices, with many zeros, times their inverse are the identity', () => {
  const random = seededRandom(5).stream('matrices');
  let inverted = 0;
  for (let round = 0; round < 300; round++) {
    const size = 1 + random.below(12);
    const matrix = Uint8Array.from({ length: size * size }, () =>
      random.chance(0.5) ? 0 : random.below(256),
    );
    const before = Uint8Array.from(matrix);
    try {
      const inverse = inverseOf(matrix, size);
      assert.equal(times(inverse, matrix, size), identity(size));
      inverted += 1;
    } catch (error) {
      if (!isThemisError(error, 'THEMIS_ASSERTION')) throw error;
    }
    assert.equal(matrix, before);
  }
  assert.ok(inverted > 100, `${inverted} of 300 had an inverse`);
});

test.run();
