/**
 * Numbers from a seed: sfc32 (Chris Doty-Humphrey's small fast counter), seeded through a mixer, so
 * that the same seed and name give the same benchmark on every machine.
 */
export interface RandomSource {
  /** An integer in [0, 2^32). */
  u32(): number;
  /** A number in [0, 1) with 32 random bits. */
  float(): number;
  /** An integer in [0, bound), bound up to 2^32; the bias is below bound / 2^32. */
  below(bound: number): number;
}

export function createRandomSource(seed: number, name = ''): RandomSource {
  let a = mix32(seed | 0);
  let b = mix32(a ^ 0x9e3779b9);
  for (let i = 0; i < name.length; i++) b = mix32(b ^ name.charCodeAt(i));
  let c = mix32(b ^ 0x85ebca6b);
  let counter = 1;
  const u32 = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 12; i++) u32();
  return {
    u32,
    float: () => u32() / 2 ** 32,
    below: (bound) => Math.floor((u32() / 2 ** 32) * bound),
  };
}

/** A bijection of 32-bit integers whose output looks random (the finalizer of MurmurHash3). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
