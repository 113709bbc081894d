/** Sizes in bytes, and rounding up to them. */
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** Rounds up to a multiple of `step`, a power of two; for values below 2^53. */
export function alignUp(value: number, step: number): number {
  const rest = value % step;
  return rest === 0 ? value : value + (step - rest);
}
