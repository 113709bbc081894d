/**
 * What a compute kernel offers. Portable TypeScript, the addon in each of its tiers and a naive
 * oracle implement it; load.ts chooses once. Every range is checked: a range outside its buffer
 * throws THEMIS_KERNEL_ARGUMENT and touches nothing. Views may lie over SharedArrayBuffers.
 */
export interface Kernel {
  /** For people and metrics: `addon/vpclmulqdq`, `addon/sse42`, `portable`, ... */
  readonly name: string;
  /**
   * CRC32C (Castagnoli, RFC 3720) of bytes[offset, offset + length), continuing from `seed`
   * (0 to start; the CRC of what came before to continue). Returns an unsigned 32-bit integer.
   */
  crc32c(bytes: Uint8Array, offset: number, length: number, seed: number): number;
  /**
   * CRC32C of `count` ranges of one buffer in one call, each from seed 0. `ranges` holds pairs
   * (offset, length); results[i] receives the CRC of range i.
   */
  crc32cRanges(bytes: Uint8Array, ranges: Uint32Array, count: number, results: Uint32Array): void;
}
