/**
 * kernel: arithmetic over bytes, checksums and Reed-Solomon coding. The only folder that loads the
 * addon.
 *
 * Invariants: every tier gives the same results and refuses the same calls with the same code; a
 * call that is refused has touched nothing; no tier runs before its self-test; what is active and
 * why is always said.
 *
 * Checksums: kernel.ts is the interface; naive.ts the oracle, portable.ts the TypeScript, addon.ts
 * the C++ behind it; load.ts chooses. A new kernel is a method of Kernel, implemented in these.
 * sealed-block.ts frames small files with a checksum.
 * Coding: coder.ts is the interface, over stripes that lie in a slab.ts; coding-kernel.ts is what
 * tiers implement, naive-coding.ts the oracle; load-coding.ts chooses.
 * May import: base, config, io, telemetry.
 */
export { Coder, type CoderShape, type Stores } from './coder.js';
export type { CodingKernel } from './coding-kernel.js';
export type { CodingMatrix } from './coding-matrix.js';
export type { Kernel } from './kernel.js';
export { type LoadedKernel, loadKernel } from './load.js';
export { type LoadedCodingKernel, loadCodingKernel } from './load-coding.js';
export { naiveKernel } from './naive.js';
export { naiveCoding } from './naive-coding.js';
export { portableKernel } from './portable.js';
export { portableCoding } from './portable-coding.js';
export { type BlockFormat, type BlockSeal, checkSeal, sealBlock } from './sealed-block.js';
export type { LoadOptions } from './selection.js';
export { Slab, type SlabMemory } from './slab.js';
