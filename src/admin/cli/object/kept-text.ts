/** How a value is kept, in a word. */
import type { ValueStat } from '../../../engine/index.js';

/** `inline`, `4+2`, `3 copies`, `1 copy`. */
export function keptText({ large }: Pick<ValueStat, 'large'>): string {
  if (large === null) return 'inline';
  const { data, parity } = large;
  if (data > 1) return `${data}+${parity}`;
  return parity === 0 ? '1 copy' : `${parity + 1} copies`;
}

/** `18 of 18`; a dash for a value that has no fragments. */
export function fragmentsText({ large }: Pick<ValueStat, 'large'>): string {
  return large === null ? '-' : `${large.present} of ${large.fragments}`;
}
