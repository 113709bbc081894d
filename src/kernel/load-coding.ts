/**
 * Chooses the coding kernel, once for each thread that asks, apart from the checksum kernel.
 * Tiers, best first:
 *
 *   addon/gfni512  addon/gfni256  addon/avx2  addon/ssse3  (x86-64)    addon/neon  (aarch64)
 *   addon/scalar                                 the addon on any CPU
 *   portable                                     TypeScript
 *   naive                                        the oracle; only when forced
 *
 * The result says which kernel is active and why it is not a better one. A tier that fails its
 * self-test is refused.
 */
import type { Addon } from './addon.js';
import { addonCoding } from './addon-coding.js';
import type { CodingKernel } from './coding-kernel.js';
import { codingSelfTest } from './coding-self-test.js';
import { findAddon } from './find-addon.js';
import { naiveCoding } from './naive-coding.js';
import { portableCoding } from './portable-coding.js';
import { type Candidates, type Loaded, type LoadOptions, select } from './selection.js';

export type LoadedCodingKernel = Loaded<CodingKernel>;

/** Those of the kernels that pass their self-test. */
function tested(kernels: readonly CodingKernel[]): Candidates<CodingKernel> {
  const passed: CodingKernel[] = [];
  const obstacles: string[] = [];
  for (const kernel of kernels) {
    const failure = codingSelfTest(kernel);
    if (failure === null) passed.push(kernel);
    else obstacles.push(`${kernel.name} failed its self-test (${failure})`);
  }
  return { kernels: passed, obstacles, faulty: obstacles.length > 0 };
}

function plainCpu(addon: Addon): string[] {
  return addon.refusedCoders.map(
    ({ name, missing }) => `addon/${name} needs ${missing}, which this CPU lacks`,
  );
}

/** Whoever forces a TypeScript tier may do so because loading the addon crashes: leave it alone. */
function needsNoAddon(force: string): boolean {
  return force === portableCoding.name || force === naiveCoding.name;
}

/**
 * Loads the best coding kernel, or the forced one. Throws THEMIS_KERNEL_UNAVAILABLE when the
 * forced tier or the addon at the given path cannot run here, or when an addon fails in an
 * unknown way.
 */
export function loadCodingKernel(options: LoadOptions = {}): LoadedCodingKernel {
  const { addonPath, force } = options;
  const own = [portableCoding, naiveCoding];
  if (force !== undefined && needsNoAddon(force)) {
    return select('coding kernel', { kernels: own, obstacles: [], faulty: false }, options);
  }
  const { addon, obstacles, faulty } = findAddon(addonPath);
  const found = tested(addon === null ? [] : addonCoding(addon));
  const candidates = {
    kernels: [...found.kernels, ...own],
    obstacles: [...obstacles, ...(addon === null ? [] : plainCpu(addon)), ...found.obstacles],
    faulty: faulty || found.faulty,
  };
  return select('coding kernel', candidates, options);
}
