/**
 * Packages that code, behind one interface. An adapter is a module of bench/peers; one that cannot
 * be loaded is skipped with a line that says how to install it.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, messageOf } from '../../src/base/index.js';
import { packageRoot } from '../harness/index.js';

/** Shards one behind the other, data first. */
export interface PeerStripe {
  readonly stripe: Uint8Array;
  readonly data: number;
  readonly parity: number;
}

/** Both do the same `calls` times over: the parity, or the first `parity` shards from the others. */
export interface PeerCodec {
  encode(calls: number): Promise<void> | void;
  decode(calls: number): Promise<void> | void;
}

export interface CodecModule {
  readonly name: string;
  readonly version: string;
  open(stripe: PeerStripe): Promise<PeerCodec>;
}

export type LoadedCodec =
  | { readonly kind: 'loaded'; readonly module: CodecModule }
  | { readonly kind: 'skipped'; readonly reason: string };

export const addonPeers: readonly string[] = ['ronomon-reed-solomon'];
export const wasmPeers: readonly string[] = [
  'subspace-reed-solomon',
  'digitaldefiance-reed-solomon',
];

/** Loads `<adapter>.mjs` of a folder. */
export async function loadCodec(
  adapter: string,
  folder = path.join(packageRoot(), 'bench', 'peers'),
): Promise<LoadedCodec> {
  try {
    const module: unknown = await import(pathToFileURL(path.join(folder, `${adapter}.mjs`)).href);
    if (isCodecModule(module)) return { kind: 'loaded', module };
    return skipped(adapter, 'it is no adapter of a codec');
  } catch (error) {
    const missing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String(codeOf(error)));
    const why = messageOf(error).split('\n', 1)[0] ?? 'it cannot be loaded';
    return skipped(adapter, missing ? 'it is not installed' : why);
  }
}

function skipped(adapter: string, why: string): LoadedCodec {
  const how = 'npm run bench:peers installs it';
  return { kind: 'skipped', reason: `${adapter} skipped: ${why}; ${how}` };
}

function isCodecModule(value: unknown): value is CodecModule {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'version') === 'string' &&
    typeof Reflect.get(value, 'open') === 'function'
  );
}
