/** The inverse of a square matrix over GF(2^8), by Gauss and Jordan. */
import { assert } from '../base/index.js';
import { inverse, product } from './galois-field.js';

/** row[to] += factor x row[from], for rows of `size` elements. */
function addRow(matrix: Uint8Array, size: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < size; c++) {
    const at = to * size + c;
    matrix[at] = (matrix[at] as number) ^ product(factor, matrix[from * size + c] as number);
  }
}

/** The inverse of a row-major matrix of size x size; it must have one. */
export function inverseOf(matrix: Uint8Array, size: number): Uint8Array {
  const left = Uint8Array.from(matrix);
  const right = new Uint8Array(size * size);
  for (let i = 0; i < size; i++) right[i * size + i] = 1;
  for (let i = 0; i < size; i++) {
    // Instead of swapping rows, the first row below that helps is added: in GF(2^8) 0 + x = x.
    for (let r = i + 1; left[i * size + i] === 0 && r < size; r++) {
      if (left[r * size + i] === 0) continue;
      addRow(left, size, i, r, 1);
      addRow(right, size, i, r, 1);
    }
    const pivot = left[i * size + i] as number;
    assert(pivot !== 0, 'a matrix that is to be inverted has an inverse');
    // Multiplied by 1 / pivot: row + row x (1 / pivot - 1).
    const scale = inverse(pivot) ^ 1;
    addRow(left, size, i, i, scale);
    addRow(right, size, i, i, scale);
    for (let r = 0; r < size; r++) {
      const factor = left[r * size + i] as number;
      if (r === i || factor === 0) continue;
      addRow(left, size, r, i, factor);
      addRow(right, size, r, i, factor);
    }
  }
  return right;
}
