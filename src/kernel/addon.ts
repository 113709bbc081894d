/**
 * The addon as TypeScript sees it. Mirrors native/binding/tiers.h, crc32c.h, coding.h and slabs.h,
 * same names, same order. What comes out of the .node file is checked before it is believed.
 */
import { codeOf, messageOf, ThemisError } from '../base/index.js';
import type { Kernel } from './kernel.js';
import { crc32cPortable } from './portable.js';

/** One tier that this CPU can run. */
export interface AddonTier {
  readonly name: string;
  crc32c(bytes: Uint8Array, offset: number, length: number, seed: number): number;
  crc32cRanges(bytes: Uint8Array, ranges: Uint32Array, count: number, results: Uint32Array): void;
}

/**
 * One tier of coding that this CPU can run. Plans (matrices with their tables) and slabs are
 * numbers: a call with an array of views would take as long as coding some KiB.
 */
export interface AddonCoder {
  readonly name: string;
  planOpen(coefficients: Uint8Array, sources: Uint16Array, targets: Uint16Array): number;
  planClose(plan: number): void;
  multiply(
    plan: number,
    slab: number,
    offset: number,
    stride: number,
    length: number,
    streaming: number,
  ): void;
  verify(plan: number, slab: number, offset: number, stride: number, length: number): number;
  multiplyAdd(plan: number, slab: number, offset: number, stride: number, length: number): void;
  multiplyChecksums(
    plan: number,
    slab: number,
    offset: number,
    stride: number,
    length: number,
    streaming: number,
    block: number,
    results: Uint32Array,
  ): void;
}

/** One tier that it cannot, and the CPU features that it would need. */
export interface RefusedTier {
  readonly name: string;
  readonly missing: string;
}

/** The addon's exports. */
export interface Addon {
  /** Best first; never empty, since the scalar tier needs nothing. */
  readonly kernels: readonly AddonTier[];
  readonly refused: readonly RefusedTier[];
  /** Best first; never empty either. */
  readonly coders: readonly AddonCoder[];
  readonly refusedCoders: readonly RefusedTier[];
  /** Makes memory known to all coders of this thread, until it is closed. */
  slabOpen(bytes: Uint8Array): number;
  slabClose(slab: number): void;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTier(value: unknown): value is AddonTier {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['crc32c'] === 'function' &&
    typeof value['crc32cRanges'] === 'function'
  );
}

const coderFunctions = [
  'planOpen',
  'planClose',
  'multiply',
  'verify',
  'multiplyAdd',
  'multiplyChecksums',
] as const;

function isCoder(value: unknown): value is AddonCoder {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    coderFunctions.every((name) => typeof value[name] === 'function')
  );
}

function isRefused(value: unknown): value is RefusedTier {
  return (
    isRecord(value) && typeof value['name'] === 'string' && typeof value['missing'] === 'string'
  );
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

/** True when a loaded module has the shape of this version's addon. */
export function isAddon(value: unknown): value is Addon {
  if (!isRecord(value)) return false;
  const { kernels, refused, coders, refusedCoders } = value;
  return (
    isList(kernels, isTier) &&
    kernels.length > 0 &&
    isList(refused, isRefused) &&
    isList(coders, isCoder) &&
    coders.length > 0 &&
    isList(refusedCoders, isRefused) &&
    typeof value['slabOpen'] === 'function' &&
    typeof value['slabClose'] === 'function'
  );
}

/**
 * Ranges shorter than this are computed in TypeScript: they end before a call into the addon has
 * begun. Measured: the call costs about as much as portable code takes for this many bytes.
 */
export const addonBytesMin = 48;

/** The addon's own refusals, as ThemisErrors; anything else goes on as it is. */
export function converted(error: unknown): unknown {
  if (codeOf(error) !== 'THEMIS_KERNEL_ARGUMENT') return error;
  const advice = 'Pass ranges inside their buffer.';
  return new ThemisError('THEMIS_KERNEL_ARGUMENT', `${messageOf(error)}. ${advice}`, error);
}

/** A tier of the addon as a Kernel. */
export function addonKernel(tier: AddonTier): Kernel {
  const { crc32c, crc32cRanges } = tier;
  return Object.freeze({
    name: `addon/${tier.name}`,
    crc32c(bytes: Uint8Array, offset: number, length: number, seed: number): number {
      if (length < addonBytesMin) return crc32cPortable(bytes, offset, length, seed);
      try {
        return crc32c(bytes, offset, length, seed);
      } catch (error) {
        throw converted(error);
      }
    },
    crc32cRanges(
      bytes: Uint8Array,
      ranges: Uint32Array,
      count: number,
      results: Uint32Array,
    ): void {
      try {
        crc32cRanges(bytes, ranges, count, results);
      } catch (error) {
        throw converted(error);
      }
    },
  });
}
