/**
 * Finds the contestants by name. A peer is loaded from bench/peers when it is asked for; one that
 * is not installed is skipped with a line that says how to install it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, messageOf, ThemisError } from '../../src/base/index.js';
import { packageRoot } from '../harness/index.js';
import type { LoadedPeer, PeerModule } from './peer.js';
import { loadThemis, themisName } from './themis.js';

export { themisName } from './themis.js';

/** Peers that `--peers all` stands for, in the order of the report. */
export const peerNames = [
  'classic-level',
  'classic-level-group',
  'lmdb',
  'better-sqlite3',
  'better-sqlite3-group',
] as const;

/** Loads a contestant; throws only when the name is none of them. `folder` is where peers are. */
export async function loadPeer(
  name: string,
  folder = path.join(packageRoot(), 'bench', 'peers'),
): Promise<LoadedPeer> {
  if (name === themisName) return loadThemis();
  if (!(peerNames as readonly string[]).includes(name)) {
    const known = [themisName, ...peerNames].join(', ');
    throw new ThemisError('THEMIS_USAGE', `No peer is called ${name}; choose among ${known}`);
  }
  const file = path.join(folder, `${name}.mjs`);
  if (!fs.existsSync(file)) return skipped(name, `${file} does not exist`);
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    if (!isPeerModule(module)) return skipped(name, `${file} is not a peer module`);
    return { kind: 'loaded', module };
  } catch (error) {
    if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return skipped(name, 'it is not installed');
    return skipped(name, messageOf(error).split('\n', 1)[0] ?? 'it cannot be loaded');
  }
}

function skipped(name: string, why: string): LoadedPeer {
  const how = 'npm run bench:peers installs it';
  return { kind: 'skipped', reason: `${name} skipped: ${why}; ${how}` };
}

function isPeerModule(value: unknown): value is PeerModule {
  if (typeof value !== 'object' || value === null) return false;
  const field = (key: string): unknown => Reflect.get(value, key);
  return (
    typeof field('name') === 'string' &&
    typeof field('version') === 'string' &&
    typeof field('durability') === 'object' &&
    typeof field('open') === 'function'
  );
}
