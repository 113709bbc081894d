/** Which device takes which fragment of a stripe. Placement is in no manifest: fragments say it. */
import type { DurableCode } from './redundancy.js';

/** Stands for a fragment that no device takes. */
export const nowhere = -1;

/**
 * The device of each fragment, all distinct, or null when fewer than data + spare are usable. Where
 * they are fewer than fragments, parity is left out first: such a stripe is read without decoding,
 * and repaired when a device comes back.
 *
 * `usable` are numbers of devices in their order. The start moves on by one with every stripe and
 * every blob, so that all devices take as many data fragments as parity.
 */
export function placeFragments(
  code: DurableCode,
  usable: readonly number[],
  blob: number,
  stripe: number,
): Int32Array | null {
  const width = code.data + code.parity;
  const count = Math.min(width, usable.length);
  if (count < code.data + code.spare) return null;
  const devices = new Int32Array(width).fill(nowhere);
  const start = (blob + stripe) % usable.length;
  for (let number = 0; number < count; number++) {
    devices[number] = usable[(start + number) % usable.length] as number;
  }
  return devices;
}
