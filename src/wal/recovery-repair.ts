/**
 * What recovery writes, after it has read everything: each step can be interrupted and repeated.
 *
 * - Blocks whose content is known (a copy of a segment header, an idle mark) are rewritten.
 * - What goes is saved in `<directory>/aside` first, synced under a synced name.
 * - A torn region is zeroed. Interrupted, it is still torn: the sector that was missing stays zero.
 * - The tail that is not proved synced is written again, byte for byte, and synced: after a sync
 *   that failed, the page cache may hold what the disk does not, and call it clean.
 */
import { alignUp } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { writeWhole } from '../io/index.js';
import type { BlockRepair } from './recovery-scan.js';
import type { FoundSegment } from './segment-files.js';
import { SegmentWindow } from './segment-window.js';

const chunkBytes = 1 << 20;

export function repairBlock(fileSystem: FileSystem, repair: BlockRepair): void {
  withFile(fileSystem, repair.path, (handle) => {
    writeWhole(handle, repair.bytes, repair.bytes.length, repair.offset);
  });
}

/** Saves file[offset, end) of a segment; returns the path of the copy. */
export function saveAside(
  fileSystem: FileSystem,
  directory: string,
  segment: FoundSegment,
  offset: number,
  end: number,
): string {
  const path = asidePath(fileSystem, directory, `${nameOf(segment.path)}-${offset}`);
  const source = fileSystem.open(segment.path, { access: 'read' });
  try {
    const window = new SegmentWindow(new Uint8Array(chunkBytes));
    window.attach(source);
    const target = fileSystem.open(path, { access: 'read-write', create: true });
    try {
      for (let at = offset; at < end; at += chunkBytes) {
        const length = Math.min(chunkBytes, end - at);
        const start = window.load(at, length, end);
        writeWhole(target, window.bytes.subarray(start), length, at - offset);
      }
      target.sync();
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
  fileSystem.syncDirectory(asideDirectory(directory));
  return path;
}

/** Moves a whole segment aside. */
export function moveAside(
  fileSystem: FileSystem,
  directory: string,
  logFolder: string,
  segment: FoundSegment,
): string {
  const path = asidePath(fileSystem, directory, nameOf(segment.path));
  fileSystem.rename(segment.path, path);
  fileSystem.syncDirectory(asideDirectory(directory));
  fileSystem.syncDirectory(logFolder);
  return path;
}

/** Writes zeros over file[offset, end), whole blocks, and syncs. */
export function zeroRegion(
  fileSystem: FileSystem,
  path: string,
  offset: number,
  end: number,
): void {
  const zeros = new Uint8Array(chunkBytes);
  const to = alignUp(end, limits.blockBytes);
  withFile(fileSystem, path, (handle) => {
    for (let at = offset; at < to; at += chunkBytes) {
      writeWhole(handle, zeros, Math.min(chunkBytes, to - at), at);
    }
  });
}

/** Gives a file that was cut short its size again, with zeros. */
export function fullSize(fileSystem: FileSystem, path: string, segmentBytes: number): void {
  if (fileSystem.stat(path)?.bytes === segmentBytes) return;
  withFile(fileSystem, path, (handle) => handle.truncate(segmentBytes));
}

/** Reads file[offset, end) and writes the same bytes in the same place, then syncs. */
export function rewriteRegion(
  fileSystem: FileSystem,
  path: string,
  offset: number,
  end: number,
): void {
  withFile(fileSystem, path, (handle) => {
    const window = new SegmentWindow(new Uint8Array(chunkBytes));
    window.attach(handle);
    for (let at = offset; at < end; at += chunkBytes) {
      const length = Math.min(chunkBytes, end - at);
      const start = window.load(at, length, end);
      if (!window.isUnreadable(at, length))
        writeWhole(handle, window.bytes.subarray(start), length, at);
    }
  });
}

function withFile(fileSystem: FileSystem, path: string, write: (handle: FileHandle) => void): void {
  const handle = fileSystem.open(path, { access: 'read-write' });
  try {
    write(handle);
    handle.sync();
  } finally {
    handle.close();
  }
}

function asideDirectory(directory: string): string {
  return `${directory}/aside`;
}

/** A path that is free, in a folder that is there. */
function asidePath(fileSystem: FileSystem, directory: string, name: string): string {
  const folder = asideDirectory(directory);
  if (fileSystem.stat(folder) === null) fileSystem.makeDirectory(folder);
  fileSystem.syncDirectory(directory);
  let path = `${folder}/${name}`;
  for (let i = 2; fileSystem.stat(path) !== null; i++) path = `${folder}/${name}-${i}`;
  return path;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
