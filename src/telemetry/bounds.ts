/** Bounds of histograms. */
import { assert } from '../base/index.js';

/**
 * Bounds at 1, 2 and 5 times every power of ten, from `first` to at least `last`; `first` is a
 * power of ten. Example: logLinearBounds(0.001, 0.02) is 0.001, 0.002, 0.005, 0.01, 0.02.
 */
export function logLinearBounds(first: number, last: number): readonly number[] {
  const exponent = Math.round(Math.log10(first));
  assert(first === Number(`1e${exponent}`) && last >= first, `bounds from ${first} to ${last}`);
  const bounds: number[] = [];
  for (let power = exponent; ; power++) {
    for (const step of [1, 2, 5]) {
      // Parsed from text, so that a bound is the float nearest to its decimal name.
      const bound = Number(`${step}e${power}`);
      bounds.push(bound);
      if (bound >= last) return bounds;
    }
  }
}
