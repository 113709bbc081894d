/**
 * Chooses the coding kernel, once for each thread that asks, apart from the checksum kernel.
 * Tiers, best first:
 *
 *   addon/gfni512  addon/gfni256  addon/avx2  addon/ssse3  (x86-64)    addon/neon  (aarch64)
 *   wasm                                         WebAssembly with 128-bit vectors
 *   addon/scalar                                 the addon on any CPU
 *   portable                                     TypeScript
 *   naive                                        the oracle; only when forced
 *
 * The result says which kernel is active and why it is not a better one. A tier that fails its
 * self-test is refused.
 */
import { messageOf } from '../base/index.js';
import type { Addon } from './addon.js';
import { addonCoding } from './addon-coding.js';
import type { CodingKernel } from './coding-kernel.js';
import { codingSelfTest } from './coding-self-test.js';
import { findAddon } from './find-addon.js';
import { naiveCoding } from './naive-coding.js';
import { portableCoding } from './portable-coding.js';
import { type Candidates, type Loaded, type LoadOptions, select } from './selection.js';
import { wasmCoding, wasmCodingName } from './wasm-coding.js';

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

/** The kernel in WebAssembly, or why this runtime has none. */
function wasm(): Candidates<CodingKernel> {
  let kernel: CodingKernel;
  try {
    kernel = wasmCoding();
  } catch (error) {
    return { kernels: [], obstacles: [`wasm cannot run (${messageOf(error)})`], faulty: true };
  }
  return tested([kernel]);
}

const scalarName = 'addon/scalar';

/** Candidates of several origins, the addon's scalar tier behind WebAssembly. */
function joined(origins: readonly Candidates<CodingKernel>[]): Candidates<CodingKernel> {
  const kernels = origins.flatMap((origin) => origin.kernels);
  const isLast = ({ name }: CodingKernel): boolean => name === scalarName;
  return {
    kernels: [
      ...kernels.filter((kernel) => !isLast(kernel)),
      ...kernels.filter(isLast),
      portableCoding,
      naiveCoding,
    ],
    obstacles: origins.flatMap((origin) => origin.obstacles),
    faulty: origins.some((origin) => origin.faulty),
  };
}

/** Whoever forces a TypeScript tier may do so because loading the addon crashes: leave it alone. */
function needsNoAddon(force: string): boolean {
  return [wasmCodingName, portableCoding.name, naiveCoding.name].includes(force);
}

/**
 * Loads the best coding kernel, or the forced one. Throws THEMIS_KERNEL_UNAVAILABLE when the
 * forced tier or the addon at the given path cannot run here, or when an addon fails in an
 * unknown way.
 */
export function loadCodingKernel(options: LoadOptions = {}): LoadedCodingKernel {
  const { addonPath, force } = options;
  if (force !== undefined && needsNoAddon(force)) {
    const origins = force === wasmCodingName ? [wasm()] : [];
    return select('coding kernel', joined(origins), options);
  }
  const { addon, obstacles, faulty } = findAddon(addonPath);
  const search = { kernels: [], obstacles, faulty };
  if (addon === null) return select('coding kernel', joined([search, wasm()]), options);
  const plain = { kernels: [], obstacles: plainCpu(addon), faulty: false };
  const origins = [search, plain, tested(addonCoding(addon)), wasm()];
  return select('coding kernel', joined(origins), options);
}
