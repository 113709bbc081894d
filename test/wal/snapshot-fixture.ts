/** Snapshots for tests: a folder in memory, entries, and what reading gives. */
import { codeOf } from '../../src/base/index.js';
import { MemoryFileSystem } from '../../src/io/file-system-memory.js';
import type { FileSystem } from '../../src/io/index.js';
import type { SnapshotHeader, SnapshotManifest } from '../../src/wal/snapshot-file.js';
import { prepareSnapshots, snapshotPath } from '../../src/wal/snapshot-folder.js';
import { openSnapshot } from '../../src/wal/snapshot-reader.js';
import { SnapshotWriter } from '../../src/wal/snapshot-writer.js';
import { tableKernel } from './table-kernel.js';

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly version: number;
  readonly kind: number;
}

export const dir = '/data';

export const identity = {
  clusterId: new Uint8Array(16).fill(0xc1),
  nodeId: new Uint8Array(16).fill(0xd2),
};

export function headerOf(index: number): SnapshotHeader {
  return { ...identity, index, ballot: 2 ** 50 + index, membershipEpoch: 4, createdMs: 1.7e12 };
}

/** A file system with the data folder, all of it durable. */
export function emptyFolder(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(dir);
  fs.syncDirectory('/');
  prepareSnapshots(fs, dir);
  return fs;
}

/** `count` entries whose contents depend on `seed`; lengths from 0 up, versions beyond 2^32. */
export function entriesOf(count: number, seed = 1): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: Buffer.from(`key-${String(i).padStart(6, '0')}`),
    value: Buffer.alloc((i * 37) % 300, `${seed}.${i}`),
    version: 2 ** 40 + i * seed,
    kind: i % 2,
  }));
}

export function writeSnapshot(
  fs: FileSystem,
  index: number,
  entries: readonly Entry[],
  chunkBytes = 2000,
): SnapshotManifest {
  const path = snapshotPath(dir, index);
  const writer = new SnapshotWriter(fs, path, tableKernel, { ...headerOf(index), chunkBytes });
  for (const { key, value, version, kind } of entries) writer.add(key, value, version, kind);
  return writer.finish();
}

/** All entries, or the code of the error that ended reading, with the entries before it. */
export function readAll(
  fs: FileSystem,
  path: string,
): { readonly entries: Entry[]; readonly error: string | null; readonly repaired: boolean } {
  const entries: Entry[] = [];
  let repaired = false;
  try {
    const reader = openSnapshot(fs, path, tableKernel);
    repaired = reader.repaired;
    for (const { key, value, version, kind } of reader.entries()) {
      entries.push({ key: Buffer.from(key), value: Buffer.from(value), version, kind });
    }
    return { entries, error: null, repaired };
  } catch (error) {
    return { entries, error: codeOf(error) ?? String(error), repaired };
  }
}
