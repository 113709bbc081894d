/** How a loader takes one kernel out of several, and says why. */
import { ThemisError } from '../base/index.js';

/** Kernels of one kind that can run here, best first. */
export interface Candidates<K> {
  readonly kernels: readonly K[];
  /** What stands between the first of them and a better tier. */
  readonly obstacles: readonly string[];
  /** True when an obstacle is a fault, not merely a plain CPU. */
  readonly faulty: boolean;
}

export interface LoadOptions {
  /** A .node file that must be used for the addon's tiers; nothing else is looked for. */
  readonly addonPath?: string | undefined;
  /** The name of the tier to use, or `addon` for its best one. Absent: the best of all. */
  readonly force?: string | undefined;
  /** Receives a line when something that should work does not; once, before the result. */
  readonly report?: ((line: string) => void) | undefined;
}

export interface Loaded<K> {
  readonly kernel: K;
  /** Which kernel is active, and why not a better one. One line, for people. */
  readonly reason: string;
  /**
   * Names of the tiers that can run here, best first. Without the addon's when a tier of
   * TypeScript is forced, since the addon is not touched then.
   */
  readonly tiers: readonly string[];
}

export function unavailable(message: string, cause?: unknown): ThemisError {
  const advice = 'Build the addon with `node native/build.mjs`, or choose another kernel.';
  return new ThemisError('THEMIS_KERNEL_UNAVAILABLE', `${message} ${advice}`, cause);
}

function choose<K extends { readonly name: string }>(
  force: string | undefined,
  kernels: readonly K[],
): K | undefined {
  if (force === undefined) return kernels[0];
  if (force === 'addon') return kernels.find(({ name }) => name.startsWith('addon/'));
  return kernels.find(({ name }) => name === force);
}

/** The best candidate or the forced one; `what` names their kind to people. */
export function select<K extends { readonly name: string }>(
  what: string,
  candidates: Candidates<K>,
  { force, report }: LoadOptions,
): Loaded<K> {
  const { kernels } = candidates;
  const kernel = choose(force, kernels);
  const tiers = kernels.map(({ name }) => name);
  const obstacles = candidates.obstacles.join('; ');
  if (kernel === undefined) {
    const why = obstacles === '' ? '' : ` (${obstacles})`;
    throw unavailable(`The ${what} ${force} cannot run here${why}; ${tiers.join(', ')} can.`);
  }
  if (force !== undefined) return { kernel, reason: `${kernel.name}, as forced`, tiers };
  const why = obstacles === '' ? 'the best tier there is' : obstacles;
  const reason = `${kernel.name}: ${why}`;
  if (candidates.faulty) report?.(reason);
  return { kernel, reason, tiers };
}
