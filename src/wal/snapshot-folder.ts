/**
 * The folder of snapshots: which there are, which are sound, which are kept.
 *
 *   <dir>/snapshots/<16 hex digits of index>.snapshot
 *   <dir>/snapshots/<...>.snapshot.partial     one being written, or the leftover of a crash
 *   <dir>/aside/<16 hex digits>.snapshot[.n]   a damaged one, kept for people to look at
 *
 * A damaged snapshot is never deleted and never taken for absent: it is moved aside, and reported.
 * Names that are none of these are left alone.
 */
import { codeOf, messageOf } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Identity } from './identity.js';
import { type SnapshotManifest, snapshotIndex, snapshotName } from './snapshot-file.js';
import { openSnapshot, verifySnapshot } from './snapshot-reader.js';
import { partialSuffix } from './snapshot-writer.js';

export interface SnapshotFile {
  readonly path: string;
  readonly manifest: SnapshotManifest;
}

export interface SnapshotSetAside {
  /** Where it lies now. */
  readonly path: string;
  readonly why: string;
}

export interface SnapshotList {
  /** Newest first. */
  readonly valid: readonly SnapshotFile[];
  readonly setAside: readonly SnapshotSetAside[];
}

export interface ListOptions {
  /** `full` reads every byte of every snapshot; `ends` headers, footers and sizes. */
  readonly verify?: 'full' | 'ends';
  /** Whose snapshots these must be. */
  readonly identity?: Identity;
}

/** Path of the snapshot of `index` in the data folder `dir`. */
export function snapshotPath(dir: string, index: number): string {
  return `${folderOf(dir)}/${snapshotName(index)}`;
}

/**
 * Creates the folder when it is absent, and removes what a crash left half-written. To be called
 * once at open, when nothing is writing a snapshot. Returns how many leftovers it removed.
 */
export function prepareSnapshots(fs: FileSystem, dir: string): number {
  const folder = folderOf(dir);
  if (fs.stat(folder) === null) {
    fs.makeDirectory(folder);
    fs.syncDirectory(dir);
    return 0;
  }
  const leftovers = fs.list(folder).filter(isPartial);
  for (const name of leftovers) fs.unlink(`${folder}/${name}`);
  if (leftovers.length > 0) fs.syncDirectory(folder);
  return leftovers.length;
}

/**
 * Checks all snapshots and moves damaged ones aside. A file of a newer format or another cluster
 * is no damage: it throws THEMIS_FORMAT_NEWER or THEMIS_FOLDER_FOREIGN. Throws the system's errors.
 */
export function listSnapshots(
  fs: FileSystem,
  dir: string,
  kernel: Kernel,
  options: ListOptions = {},
): SnapshotList {
  const folder = folderOf(dir);
  const valid: SnapshotFile[] = [];
  const setAside: SnapshotSetAside[] = [];
  for (const name of fs.list(folder).reverse()) {
    if (snapshotIndex(name) === null) continue;
    const path = `${folder}/${name}`;
    try {
      valid.push({ path, manifest: check(fs, path, kernel, options) });
    } catch (error) {
      if (codeOf(error) !== 'THEMIS_SNAPSHOT_CORRUPT') throw error;
      setAside.push({ path: setSnapshotAside(fs, dir, path), why: messageOf(error) });
    }
  }
  return { valid, setAside };
}

function check(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  { verify = 'full', identity }: ListOptions,
): SnapshotManifest {
  if (verify === 'full') return verifySnapshot(fs, path, kernel, identity);
  return openSnapshot(fs, path, kernel, identity).manifest;
}

/** Moves a damaged snapshot to `<dir>/aside/`, durably, under a name that is free there. */
export function setSnapshotAside(fs: FileSystem, dir: string, path: string): string {
  const aside = `${dir}/aside`;
  if (fs.stat(aside) === null) {
    fs.makeDirectory(aside);
    fs.syncDirectory(dir);
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  let target = `${aside}/${name}`;
  for (let i = 1; fs.stat(target) !== null; i++) target = `${aside}/${name}.${i}`;
  fs.rename(path, target);
  fs.syncDirectory(aside);
  fs.syncDirectory(folderOf(dir));
  return target;
}

/**
 * Removes all but the newest `keep` of `valid`, as listSnapshots returned it (perhaps with a new
 * one in front); returns those that remain. Damaged ones do not count: they are not in `valid`.
 */
export function pruneSnapshots(
  fs: FileSystem,
  dir: string,
  valid: readonly SnapshotFile[],
  keep: number = limits.snapshotsKept,
): readonly SnapshotFile[] {
  const sorted = valid.toSorted((a, b) => b.manifest.index - a.manifest.index);
  // Oldest first: a crash in between leaves the newest.
  for (const old of sorted.slice(keep).reverse()) fs.unlink(old.path);
  if (sorted.length > keep) fs.syncDirectory(folderOf(dir));
  return sorted.slice(0, keep);
}

function isPartial(name: string): boolean {
  if (!name.endsWith(partialSuffix)) return false;
  return snapshotIndex(name.slice(0, -partialSuffix.length)) !== null;
}

function folderOf(dir: string): string {
  return `${dir}/snapshots`;
}
