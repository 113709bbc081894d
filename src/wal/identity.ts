/** Whose files these are: compared in every header, so that no file of another node is used. */
import { bufferOf, ThemisError } from '../base/index.js';

export const identityBytes = 16;

export interface Identity {
  /** 16 random bytes, the same on all nodes of a cluster. */
  readonly clusterId: Uint8Array;
  /** 16 random bytes of this node alone. */
  readonly nodeId: Uint8Array;
}

/** Throws THEMIS_FOLDER_FOREIGN when `found`, read from the file `path`, is not `expected`. */
export function checkIdentity(path: string, found: Identity, expected: Identity): void {
  for (const part of ['clusterId', 'nodeId'] as const) {
    if (bufferOf(found[part]).equals(expected[part])) continue;
    const what = part === 'clusterId' ? 'cluster' : 'node';
    const [its, own] = [found, expected].map((one) => bufferOf(one[part]).toString('hex'));
    throw new ThemisError(
      'THEMIS_FOLDER_FOREIGN',
      `${path} belongs to ${what} ${its}, but this folder is of ${what} ${own}. ` +
        "Put the folder's own files back, or move the foreign file away.",
    );
  }
}
