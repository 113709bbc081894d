/** The coders of this checkout's addon as they come out of the file, for tests of the binding. */
import { createRequire } from 'node:module';
import { addonFile } from './addon-file.js';

/** One coder; mirrors native/binding/coding.h. */
export interface NativeCoder {
  readonly name: string;
  planOpen(coefficients: Uint8Array, sources: Uint16Array, targets: Uint16Array): number;
  planClose(plan: number): void;
  multiply(
    ...[plan, slab, offset, stride, length, streaming]: readonly [...Stripe, streaming: 0 | 1]
  ): void;
  verify(...[plan, slab, offset, stride, length]: Stripe): number;
  multiplyAdd(...[plan, slab, offset, stride, length]: Stripe): void;
  multiplyChecksums(
    ...[plan, slab, offset, stride, length, streaming, block, results]: readonly [
      ...Stripe,
      streaming: 0 | 1,
      block: number,
      results: Uint32Array,
    ]
  ): void;
}

type Stripe = readonly [plan: number, slab: number, offset: number, stride: number, length: number];

export interface NativeCoders {
  readonly coders: readonly NativeCoder[];
  readonly refusedCoders: readonly { readonly name: string; readonly missing: string }[];
  slabOpen(bytes: Uint8Array): number;
  slabClose(slab: number): void;
}

/** Null where no addon was built. */
export const nativeCoders: NativeCoders | null =
  addonFile === null ? null : createRequire(import.meta.url)(addonFile);

/** The product in GF(2^8) modulo 0x11d, from its definition. */
export function gfProduct(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 14; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8);
  return product;
}

export interface Matrix {
  readonly coefficients: Uint8Array;
  readonly sources: Uint16Array;
  readonly targets: Uint16Array;
}

/** targets (+)= coefficients * sources, in place; shard i lies at offset + i * stride. */
export function naiveMultiply(
  { coefficients, sources, targets }: Matrix,
  bytes: Uint8Array,
  [offset, stride, length]: readonly [number, number, number],
  onto: boolean,
): void {
  for (const [row, target] of targets.entries()) {
    for (let i = 0; i < length; i++) {
      let sum = onto ? (bytes[offset + target * stride + i] ?? 0) : 0;
      for (const [column, source] of sources.entries()) {
        const coefficient = coefficients[row * sources.length + column] ?? 0;
        sum ^= gfProduct(coefficient, bytes[offset + source * stride + i] ?? 0);
      }
      bytes[offset + target * stride + i] = sum;
    }
  }
}
