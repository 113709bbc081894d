/**
 * GF(2^8): bytes as polynomials over GF(2), modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d), in which 2
 * generates all 255 nonzero elements. Addition and subtraction are XOR. The field of Backblaze's,
 * klauspost's, MinIO's and ISA-L's codes.
 */

/** powers[i] is 2^i; twice around, so that a sum of two logarithms needs no reduction. */
const powers = new Uint8Array(510);
/** logarithms[2^i] is i; that of zero does not exist. */
const logarithms = new Uint8Array(256);

for (let i = 0, element = 1; i < 255; i++) {
  powers[i] = element;
  powers[i + 255] = element;
  logarithms[element] = i;
  element <<= 1;
  if (element > 0xff) element ^= 0x11d;
}

/** The product of two elements. */
export function product(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return powers[(logarithms[a] as number) + (logarithms[b] as number)] as number;
}

/** The element whose product with a nonzero `a` is 1. */
export function inverse(a: number): number {
  return powers[255 - (logarithms[a] as number)] as number;
}
