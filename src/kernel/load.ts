/**
 * Chooses the checksum kernel, once for each thread that asks. Tiers, best first:
 *
 *   addon/vpclmulqdq  addon/sse42  (x86-64)      addon/neon  (aarch64)
 *   addon/scalar                                 the addon on any CPU
 *   portable                                     TypeScript; where there is no addon
 *   naive                                        the oracle; only when forced
 *
 * The result says which kernel is active and why it is not a better one. A tier that fails its
 * self-test is refused.
 */
import { type Addon, addonKernel } from './addon.js';
import { findAddon } from './find-addon.js';
import type { Kernel } from './kernel.js';
import { naiveKernel } from './naive.js';
import { portableKernel } from './portable.js';
import { type Candidates, type Loaded, type LoadOptions, select } from './selection.js';
import { selfTest } from './self-test.js';

export type LoadedKernel = Loaded<Kernel>;

/** The addon's kernels that passed their self-test. */
function tested(addon: Addon): Candidates<Kernel> {
  const kernels: Kernel[] = [];
  const obstacles = addon.refused.map(
    ({ name, missing }) => `addon/${name} needs ${missing}, which this CPU lacks`,
  );
  let faulty = false;
  for (const tier of addon.kernels) {
    const failure = selfTest(tier);
    if (failure === null) {
      kernels.push(addonKernel(tier));
    } else {
      obstacles.push(`addon/${tier.name} failed its self-test (${failure})`);
      faulty = true;
    }
  }
  return { kernels, obstacles, faulty };
}

/** Whoever forces a TypeScript tier may do so because loading the addon crashes: leave it alone. */
function needsNoAddon(force: string): boolean {
  return force === portableKernel.name || force === naiveKernel.name;
}

/**
 * Loads the best kernel, or the forced one. Throws THEMIS_KERNEL_UNAVAILABLE when the forced tier
 * or the addon at the given path cannot run here, or when an addon fails in an unknown way.
 */
export function loadKernel(options: LoadOptions = {}): LoadedKernel {
  const { addonPath, force } = options;
  const own = [portableKernel, naiveKernel];
  if (force !== undefined && needsNoAddon(force)) {
    return select('kernel', { kernels: own, obstacles: [], faulty: false }, options);
  }
  const { addon, obstacles, faulty } = findAddon(addonPath);
  const found = addon === null ? null : tested(addon);
  const candidates = {
    kernels: [...(found?.kernels ?? []), ...own],
    obstacles: [...obstacles, ...(found?.obstacles ?? [])],
    faulty: faulty || found?.faulty === true,
  };
  return select('kernel', candidates, options);
}
