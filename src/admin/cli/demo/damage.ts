/** Flips single bits in files of a store, as a failing disk does. */
import { join } from 'node:path';
import { KiB, ThemisError } from '../../../base/index.js';
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

/** What a volume begins with. */
const volumeHeaderBytes = 4 * KiB;

/**
 * Flips bits anywhere in what fragments take on a device: `used` bytes, behind the headers of its
 * volumes in the order of their names. Returns how many.
 */
export function rotVolumes(
  fileSystem: FileSystem,
  device: string,
  { used, flips }: { readonly used: number; readonly flips: number },
  random: RandomStream,
): number {
  const volumes = filesLike(fileSystem, join(device, 'volumes'), /^[0-9a-f]+\.volume$/).sort(
    (a, b) => (a.path < b.path ? -1 : 1),
  );
  let left = used;
  const filled: { path: string; from: number; to: number }[] = [];
  for (const { path, bytes } of volumes) {
    const to = Math.min(bytes, volumeHeaderBytes + left);
    if (to <= volumeHeaderBytes) break;
    filled.push({ path, from: volumeHeaderBytes, to });
    left -= to - volumeHeaderBytes;
  }
  if (filled.length === 0) return 0;
  for (let i = 0; i < flips; i++) {
    const range = filled[random.below(filled.length)] as (typeof filled)[number];
    flipBit(fileSystem, range.path, range, random);
  }
  return flips;
}
