/**
 * Chooses the kernel, once for each thread that asks. Tiers, best first:
 *
 *   addon/vpclmulqdq  addon/sse42  (x86-64)      addon/neon  (aarch64)
 *   addon/scalar                                 the addon on any CPU
 *   portable                                     TypeScript; where there is no addon
 *   naive                                        the oracle; only when forced
 *
 * The addon is looked for at the path in the options (and then nowhere else), in build/Release,
 * where `npm ci` puts it in a checkout, and in prebuilds/, which the package brings along. A file
 * that is missing or that this system cannot load is passed over, never in silence: the result
 * says which kernel is active and why it is not a better one. A tier that fails its self-test is
 * refused.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { codeOf, messageOf, ThemisError } from '../base/index.js';
import { type Addon, addonKernel, isAddon } from './addon.js';
import type { Kernel } from './kernel.js';
import { naiveKernel } from './naive.js';
import { portableKernel } from './portable.js';
import { selfTest } from './self-test.js';

export interface LoadOptions {
  /** A .node file that must be used for the addon's tiers; nothing else is looked for. */
  readonly addonPath?: string | undefined;
  /** The name of the tier to use, or `addon` for its best one. Absent: the best of all. */
  readonly force?: string | undefined;
  /** Receives a line when something that should work does not; once, before the result. */
  readonly report?: ((line: string) => void) | undefined;
}

export interface LoadedKernel {
  readonly kernel: Kernel;
  /** Which kernel is active, and why not a better one. One line, for people. */
  readonly reason: string;
  /**
   * Names of the tiers that can run here, best first. The last two are portable and naive; only
   * these when one of them is forced, since the addon is not touched then.
   */
  readonly tiers: readonly string[];
}

/** From dist/src/kernel, in a checkout as in an installed package. */
const root = new URL('../../../', import.meta.url);
const load = createRequire(import.meta.url);

/** On a system with musl the first prebuild does not load, and the second is taken. */
function standardPaths(): string[] {
  const target = `${process.platform}-${process.arch}`;
  const prebuilds = process.platform === 'linux' ? [target, `${target}-musl`] : [target];
  const paths = ['build/Release', ...prebuilds.map((name) => `prebuilds/${name}`)];
  return paths.map((path) => fileURLToPath(new URL(`${path}/themis.node`, root)));
}

type Attempt =
  | { readonly kind: 'loaded'; readonly addon: Addon }
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'broken'; readonly why: string };

function attempt(path: string): Attempt {
  let loaded: unknown;
  try {
    loaded = load(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'MODULE_NOT_FOUND') return { kind: 'absent', why: `${path} does not exist` };
    if (code === 'ERR_DLOPEN_FAILED') {
      return { kind: 'broken', why: `${path} does not load (${messageOf(error)})` };
    }
    throw unavailable(`${path} failed while it was loaded: ${messageOf(error)}.`, error);
  }
  if (isAddon(loaded)) return { kind: 'loaded', addon: loaded };
  return { kind: 'broken', why: `${path} is not the addon of this version` };
}

function unavailable(message: string, cause?: unknown): ThemisError {
  const advice = 'Build the addon with `node native/build.mjs`, or choose another kernel.';
  return new ThemisError('THEMIS_KERNEL_UNAVAILABLE', `${message} ${advice}`, cause);
}

interface Candidates {
  readonly kernels: readonly Kernel[];
  /** What stands between the first of them and a better tier. */
  readonly obstacles: readonly string[];
  /** True when an obstacle is a fault, not merely a plain CPU. */
  readonly faulty: boolean;
}

/** The addon's kernels that passed their self-test. */
function tested(addon: Addon): Candidates {
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

function findAddon(addonPath: string | undefined): Candidates {
  const obstacles: string[] = [];
  let faulty = false;
  for (const path of addonPath === undefined ? standardPaths() : [addonPath]) {
    const result = attempt(path);
    if (result.kind === 'loaded') {
      const found = tested(result.addon);
      return {
        kernels: found.kernels,
        obstacles: faulty ? [...obstacles, ...found.obstacles] : found.obstacles,
        faulty: faulty || found.faulty,
      };
    }
    obstacles.push(result.why);
    if (result.kind === 'broken') faulty = true;
  }
  if (addonPath !== undefined) throw unavailable(`${obstacles.join('; ')}.`);
  return { kernels: [], obstacles, faulty: true };
}

/** Whoever forces a TypeScript tier may do so because loading the addon crashes: leave it alone. */
function needsNoAddon(force: string): boolean {
  return force === portableKernel.name || force === naiveKernel.name;
}

const nothing: Candidates = { kernels: [], obstacles: [], faulty: false };

function choose(force: string | undefined, kernels: readonly Kernel[]): Kernel | undefined {
  if (force === undefined) return kernels[0];
  if (force === 'addon') return kernels.find(({ name }) => name.startsWith('addon/'));
  return kernels.find(({ name }) => name === force);
}

/**
 * Loads the best kernel, or the forced one. Throws THEMIS_KERNEL_UNAVAILABLE when the forced tier
 * or the addon at the given path cannot run here, or when an addon fails in an unknown way.
 */
export function loadKernel(options: LoadOptions = {}): LoadedKernel {
  const { addonPath, force, report } = options;
  const found = force !== undefined && needsNoAddon(force) ? nothing : findAddon(addonPath);
  const kernels = [...found.kernels, portableKernel, naiveKernel];
  const kernel = choose(force, kernels);
  const tiers = kernels.map(({ name }) => name);
  const obstacles = found.obstacles.join('; ');
  if (kernel === undefined) {
    const why = obstacles === '' ? '' : ` (${obstacles})`;
    throw unavailable(`The kernel ${force} cannot run here${why}; ${tiers.join(', ')} can.`);
  }
  if (force !== undefined) return { kernel, reason: `${kernel.name}, as forced`, tiers };
  const why = obstacles === '' ? 'the best tier there is' : obstacles;
  const reason = `${kernel.name}: ${why}`;
  if (found.faulty) report?.(reason);
  return { kernel, reason, tiers };
}
