/** Flips single bits in files of a closed store, as a failing disk does. */
import { join } from 'node:path';
import { ThemisError } from '../../../base/index.js';
import type { FileSystem, RandomStream } from '../../../io/index.js';

export interface Damage {
  readonly path: string;
  readonly position: number;
  readonly before: number;
  readonly after: number;
}

/** Flips one bit of one byte, at a random place in [from, to) of the file. */
export function flipBit(
  fileSystem: FileSystem,
  path: string,
  range: { readonly from: number; readonly to: number },
  random: RandomStream,
): Damage {
  const position = range.from + random.below(Math.max(1, range.to - range.from));
  const handle = fileSystem.open(path, { access: 'read-write' });
  try {
    const byte = new Uint8Array(1);
    if (handle.read(byte, 0, 1, position) !== 1) {
      throw new ThemisError('THEMIS_IO', `${path} has no byte at ${position}; it is shorter`);
    }
    const before = byte[0] as number;
    const after = before ^ (1 << random.below(8));
    byte[0] = after;
    handle.write(byte, 0, 1, position);
    handle.sync();
    return { path, position, before, after };
  } finally {
    handle.close();
  }
}

export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** Files below a folder whose name matches, the largest first. */
export function filesLike(fileSystem: FileSystem, folder: string, name: RegExp): FoundFile[] {
  const found: FoundFile[] = [];
  for (const entry of fileSystem.list(folder)) {
    const path = join(folder, entry);
    const stat = fileSystem.stat(path);
    if (stat?.kind === 'directory') found.push(...filesLike(fileSystem, path, name));
    else if (stat !== null && name.test(entry)) found.push({ path, bytes: stat.bytes });
  }
  return found.sort((a, b) => b.bytes - a.bytes);
}
