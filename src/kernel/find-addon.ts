/**
 * Finds the addon. It is looked for at the path in the options (and then nowhere else), in
 * build/Release, where `npm ci` puts it in a checkout, and in prebuilds/, which the package brings
 * along. A file that is missing or that this system cannot load is passed over, never in silence.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { codeOf, messageOf } from '../base/index.js';
import { type Addon, isAddon } from './addon.js';
import { unavailable } from './selection.js';

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

export interface FoundAddon {
  /** Null: there is none that loads, and the obstacles say why. */
  readonly addon: Addon | null;
  /** What was passed over because of a fault, or all that was tried when nothing was found. */
  readonly obstacles: readonly string[];
  readonly faulty: boolean;
}

/** The best addon there is. Throws THEMIS_KERNEL_UNAVAILABLE when the one at a given path fails. */
export function findAddon(addonPath: string | undefined): FoundAddon {
  const obstacles: string[] = [];
  let faulty = false;
  for (const path of addonPath === undefined ? standardPaths() : [addonPath]) {
    const result = attempt(path);
    if (result.kind === 'loaded') {
      return { addon: result.addon, obstacles: faulty ? obstacles : [], faulty };
    }
    obstacles.push(result.why);
    if (result.kind === 'broken') faulty = true;
  }
  if (addonPath !== undefined) throw unavailable(`${obstacles.join('; ')}.`);
  return { addon: null, obstacles, faulty: true };
}
