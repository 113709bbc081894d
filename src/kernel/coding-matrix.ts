/**
 * The parity rows of systematic Reed-Solomon codes over GF(2^8): parity = rows x data.
 *
 * - `vandermonde`: the matrix of r^c with r = 0 ... data+parity-1, times the inverse of its top
 *   data x data rows. Backblaze's, klauspost's and MinIO's default.
 * - `cauchy`: 1 / (r ^ c) with r = data ... data+parity-1. ISA-L's `gf_gen_cauchy1_matrix`,
 *   klauspost's `WithCauchyMatrix`.
 *
 * With both, any `data` of the data+parity rows (identity above parity) are invertible, so that
 * any `parity` losses are recovered (Plank, "A Tutorial on Reed-Solomon Coding", 1997, and the
 * 2003 correction: the Vandermonde matrix itself, put below an identity, would not do).
 */
import { inverse, product } from './galois-field.js';

export type CodingMatrix = 'vandermonde' | 'cauchy';

/**
 * The Vandermonde code without inverting anything: parity r is the value at point r of the
 * polynomial that takes the data at points 0 ... data-1, so its coefficients are Lagrange's:
 * the product of (r - j) / (c - j) over all other points j.
 */
function lagrange(point: number, column: number, data: number): number {
  let coefficient = 1;
  for (let j = 0; j < data; j++) {
    if (j !== column) coefficient = product(coefficient, product(point ^ j, inverse(column ^ j)));
  }
  return coefficient;
}

/**
 * Row-major, `parity` rows of `data` coefficients. Takes data >= 1, parity >= 0 and
 * data + parity <= 256.
 */
export function parityRows(matrix: CodingMatrix, data: number, parity: number): Uint8Array {
  const rows = new Uint8Array(parity * data);
  for (let i = 0; i < parity; i++) {
    for (let c = 0; c < data; c++) {
      const r = data + i;
      rows[i * data + c] = matrix === 'cauchy' ? inverse(r ^ c) : lagrange(r, c, data);
    }
  }
  return rows;
}
