/**
 * kernel: arithmetic over bytes. The only folder that loads the addon.
 *
 * Invariants: every tier gives the same results and refuses the same calls with the same code; a
 * call that is refused has touched nothing; no tier runs before its self-test; what is active and
 * why is always said.
 *
 * kernel.ts is the interface; naive.ts the oracle, portable.ts the TypeScript, addon.ts the C++
 * behind it; load.ts chooses. A new kernel is a method of Kernel, implemented in these three.
 * May import: base, config, io, telemetry.
 */
export type { Kernel } from './kernel.js';
export { type LoadedKernel, type LoadOptions, loadKernel } from './load.js';
export { naiveKernel } from './naive.js';
export { portableKernel } from './portable.js';
