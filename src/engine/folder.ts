/**
 * The data folder: whose it is, and what belongs into it.
 *
 *   identity      this file; written last, so its presence says that the folder is complete
 *   superblock    what the node has promised (wal)
 *   log/          segments (wal)
 *   snapshots/    snapshots of the state (wal)
 *   state/        the applied state, LevelDB (metadata)
 *   aside/        what was damaged, kept for people to look at
 *   lock/         one process at a time (folder-lock.ts)
 *
 * `identity` is one 4 KiB block, twice, never changed after it was created:
 *
 *   offset  size  field
 *        0     8  magic            "THEMISID"
 *        8     4  format version   1
 *       12     4  checksum         algorithm: 1 = CRC32C
 *       16    16  clusterId        random
 *       32    16  nodeId           random
 *       48     8  createdMs        wall clock, for people
 *       56  4036  zero
 *     4092     4  CRC32C of bytes [0, 4092)
 *
 * All integers are little-endian. It is written as `identity.partial`, synced and renamed, so a
 * crash leaves none or a whole one; a damaged copy is repaired from the other.
 *
 *   what is there                             what happens
 *   nothing, or an empty folder               created
 *   subfolders without data, no identity      a creation that was interrupted: completed
 *   an identity                               opened; missing subfolders are made again
 *   data, but no identity                     refused: with another identity, data is foreign
 *   other files, but no identity              refused: not a Themis folder
 */
import {
  bufferOf,
  codeOf,
  isZero,
  messageOf,
  readU64,
  ThemisError,
  viewOf,
  writeU64,
} from '../base/index.js';
import { limits, type ValidatedOptions } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import { readDamaged, writeWhole } from '../io/index.js';
import { type BlockFormat, checkSeal, type Kernel, sealBlock } from '../kernel/index.js';
import { type Identity, identityBytes } from '../wal/index.js';
import type { Backend } from './backend.js';

const format: BlockFormat = { magic: 'THEMISID', version: 1 };
const fieldsEnd = 56;
const crcOffset = limits.blockBytes - 4;
const copies = 2;

const subfolders = ['log', 'snapshots', 'state', 'aside', 'lock'] as const;
const identityName = 'identity';
const partialName = 'identity.partial';

type FolderPorts = Pick<Backend, 'fileSystem' | 'clock' | 'random' | 'kernel'>;
type FolderOptions = Pick<ValidatedOptions, 'location' | 'createIfMissing' | 'errorIfExists'>;

export interface Folder extends Identity {
  readonly createdMs: number;
  /** True when this call created it. */
  readonly isNew: boolean;
  /** Copies of the identity that were damaged and were written again. */
  readonly repaired: number;
}

/**
 * Checks that the folder can be opened, or creates it with its subfolders, but not its identity:
 * what has to be done before it can be locked. Changes nothing when it is called again.
 *
 * Throws THEMIS_FOLDER_INVALID when it is not a folder, not writable, not Themis's, missing without
 * `createIfMissing`, or there with `errorIfExists`.
 */
export function prepareFolder({ fileSystem }: FolderPorts, options: FolderOptions): void {
  const { location } = options;
  const found = writable(location, () => fileSystem.stat(location));
  if (found !== null && found.kind !== 'directory') {
    throw invalid(location, 'is not a folder. Choose another location.');
  }
  const names = found === null ? [] : writable(location, () => fileSystem.list(location));
  const exists = names.includes(identityName);
  if (exists && options.errorIfExists) {
    throw invalid(location, 'already exists, and errorIfExists is true. Choose another location.');
  }
  if (!exists) {
    refuseData(fileSystem, location, names);
    if (!options.createIfMissing) {
      const advice = 'Check the location, or set it to true to create a database there.';
      throw invalid(
        location,
        `does not exist as a database, and createIfMissing is false. ${advice}`,
      );
    }
  }
  writable(location, () => makeFolders(fileSystem, location, names));
}

/**
 * Reads the identity of the folder, or gives it one; prepares it first. The caller holds the lock,
 * so that two processes cannot both create it.
 *
 * Throws what prepareFolder throws, THEMIS_FORMAT_NEWER, THEMIS_FOLDER_INVALID when both copies of
 * the identity are damaged, and the system's errors.
 */
export function openFolder(ports: FolderPorts, options: FolderOptions): Folder {
  const { fileSystem, kernel } = ports;
  prepareFolder(ports, options);
  const path = `${options.location}/${identityName}`;
  if (fileSystem.stat(path) === null) return create(ports, options.location);
  return writable(options.location, () => readIdentity(fileSystem, path, kernel.kernel));
}

/** Refuses a folder without identity that holds anything but the remains of its creation. */
function refuseData(fileSystem: FileSystem, location: string, names: readonly string[]): void {
  const known: readonly string[] = [...subfolders, partialName, 'superblock', 'lost+found'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const what = `holds ${unknown}, but no Themis database`;
    throw invalid(location, `${what}. Choose an empty folder, or one that Themis created.`);
  }
  const filled = ['log', 'snapshots', 'state', 'aside'].find(
    (name) => names.includes(name) && fileSystem.list(`${location}/${name}`).length > 0,
  );
  const data = names.includes('superblock') ? 'superblock' : filled;
  if (data === undefined) return;
  const advice = 'Restore that file from a backup; a new one would make the data foreign.';
  throw invalid(
    location,
    `holds data (${data}), but the file ${identityName} is missing. ${advice}`,
  );
}

/** Makes the folder, those above it, and its subfolders, as far as they are missing. */
function makeFolders(fileSystem: FileSystem, location: string, names: readonly string[]): void {
  makeWithParents(fileSystem, location);
  const missing = subfolders.filter((name) => !names.includes(name));
  for (const name of missing) fileSystem.makeDirectory(`${location}/${name}`);
  if (missing.length > 0) fileSystem.syncDirectory(location);
}

function makeWithParents(fileSystem: FileSystem, path: string): void {
  if (fileSystem.stat(path) !== null) return;
  const parent = parentOf(path);
  makeWithParents(fileSystem, parent);
  fileSystem.makeDirectory(path);
  fileSystem.syncDirectory(parent);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function create({ fileSystem, clock, random, kernel }: FolderPorts, location: string): Folder {
  const clusterId = new Uint8Array(identityBytes);
  const nodeId = new Uint8Array(identityBytes);
  random.stream('cluster id').fill(clusterId);
  random.stream('node id').fill(nodeId);
  const identity = { clusterId, nodeId, createdMs: Math.floor(clock.wallMs()) };
  const block = encode(kernel.kernel, identity);
  const partial = `${location}/${partialName}`;
  writable(location, () => {
    if (fileSystem.stat(partial) !== null) fileSystem.unlink(partial);
    const file = fileSystem.open(partial, { access: 'read-write', create: true });
    try {
      for (let copy = 0; copy < copies; copy++) {
        writeWhole(file, block, block.length, copy * block.length);
      }
      file.sync();
    } finally {
      file.close();
    }
    fileSystem.rename(partial, `${location}/${identityName}`);
    fileSystem.syncDirectory(location);
    // Whoever made the folder may have been killed before this.
    fileSystem.syncDirectory(parentOf(location));
  });
  return { ...identity, isNew: true, repaired: 0 };
}

/** Opened for writing even when nothing is repaired: a folder that cannot be written is refused. */
function readIdentity(fileSystem: FileSystem, path: string, kernel: Kernel): Folder {
  const file = fileSystem.open(path, { access: 'read-write' });
  try {
    const found = Array.from({ length: copies }, (_, copy) => {
      const block = new Uint8Array(limits.blockBytes);
      const whole = readDamaged(file, block, block.length, copy * block.length);
      return whole ? decode(path, kernel, block) : null;
    });
    const good = found.find((identity) => identity !== null);
    if (good === undefined || good === null) {
      throw invalid(path, 'is damaged in both copies. Restore this file from a backup.');
    }
    const block = encode(kernel, good);
    const equal = found.every(
      (identity) => identity === null || bufferOf(encode(kernel, identity)).equals(block),
    );
    if (!equal) throw invalid(path, 'holds two identities. Restore this file from a backup.');
    const damaged = [...found.keys()].filter((copy) => found[copy] === null);
    for (const copy of damaged) writeWhole(file, block, block.length, copy * block.length);
    if (damaged.length > 0) file.sync();
    return { ...good, isNew: false, repaired: damaged.length };
  } finally {
    file.close();
  }
}

type StoredIdentity = Identity & { readonly createdMs: number };

function encode(kernel: Kernel, identity: StoredIdentity): Uint8Array {
  const block = new Uint8Array(limits.blockBytes);
  const view = viewOf(block);
  block.set(identity.clusterId, 16);
  block.set(identity.nodeId, 32);
  writeU64(view, 48, identity.createdMs);
  sealBlock(kernel, block, format);
  return block;
}

/** The identity in a copy, or null when the copy is damaged. Throws THEMIS_FORMAT_NEWER. */
function decode(path: string, kernel: Kernel, block: Uint8Array): StoredIdentity | null {
  const seal = checkSeal(kernel, block, format);
  if (seal.kind === 'newer') {
    throw new ThemisError(
      'THEMIS_FORMAT_NEWER',
      `${path} has format ${seal.version}; this Themis reads up to ${format.version}. ` +
        'Open the folder with the newer Themis.',
    );
  }
  if (seal.kind === 'bad' || !isZero(block.subarray(fieldsEnd, crcOffset))) return null;
  const view = viewOf(block);
  return {
    clusterId: block.slice(16, 16 + identityBytes),
    nodeId: block.slice(32, 32 + identityBytes),
    createdMs: readU64(view, 48),
  };
}

/** The system's errors that say that this place cannot be used, in words; others as they are. */
const unusable: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
]);

function writable<T>(location: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!unusable.has(codeOf(error))) throw error;
    const advice = 'Check its permissions and owner, or choose another location.';
    throw invalid(location, `cannot be used (${messageOf(error)}). ${advice}`, error);
  }
}

function invalid(path: string, what: string, cause?: unknown): ThemisError {
  return new ThemisError('THEMIS_FOLDER_INVALID', `${path} ${what}`, cause);
}
