/** Checks on package-lock.json: `npm ci` must work on every platform, from any registry. */
import type { Tree } from './tree.js';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * A lock made where some platform's build could not be seen lacks that build, and `npm ci` then
 * fails everywhere. A lock that names a registry only installs where that registry is reached.
 * Peers of the benchmarks are installed with `npm install`, which puts up with gaps.
 */
export function checkLock(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of ['package-lock.json', 'bench/peers/package-lock.json']) {
    const text = tree.get(path)?.text ?? '{}';
    const lock = JSON.parse(text) as { packages?: Record<string, LockedPackage> };
    const packages = lock.packages ?? {};
    for (const [name, locked] of Object.entries(packages)) {
      if (locked.resolved !== undefined) problems.push(`${path}: ${name} names its registry`);
      if (path !== 'package-lock.json') continue;
      for (const needed of Object.keys({
        ...locked.dependencies,
        ...locked.optionalDependencies,
      })) {
        if (!isLocked(packages, name, needed)) {
          problems.push(`${path}: ${needed}, which ${name || 'the package'} needs, is not locked`);
        }
      }
    }
  }
  return problems;
}

/** Node's lookup: below the package itself, then below each folder above it. */
function isLocked(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}
