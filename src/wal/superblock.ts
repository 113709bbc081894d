/**
 * The superblock: what a node has promised, in four copies of one 4 KiB block.
 *
 *   offset  size  field
 *        0     8  magic            "THEMISSB"
 *        8     4  format version   1
 *       12     4  checksum         algorithm: 1 = CRC32C
 *       16    16  clusterId
 *       32    16  nodeId
 *       48     8  incarnation      grows by one at every start of the node
 *       56     8  sequence         grows by one at every write of the superblock
 *       64     8  ballot           highest ballot promised
 *       72     8  membershipEpoch
 *       80   428  zero
 *      508     4  CRC32C of bytes [0, 508)
 *      512  3584  zero
 *
 * All integers are little-endian; magic, version and CRC stay where they are in all later
 * versions. Everything that ever changes lies in the first sector, and a disk writes a sector
 * whole or not at all, so a crash leaves each copy old or new, never torn.
 *
 * A write puts copies 0 and 1, syncs, puts copies 2 and 3, syncs:
 *
 *   crash while          copies 0 1        copies 2 3        what is read
 *   0 1 are written      old or new each   old old           old, or new if any copy has it
 *   2 3 are written      new new           old or new each   new
 *   the sync returned    new new           new new           new
 *
 * The reader takes the valid copy with the highest sequence. That is never too old: once a write
 * has returned, all four copies carry it. It is never too new: all that is ever written is what
 * the node was about to promise, and a promise kept without need harms nobody. Two more rules
 * refuse what no crash explains. Fewer than two valid copies: the lost ones may have been newer.
 * Equal sequences with different contents, or a highest sequence that stands alone and is not the
 * successor of the next one: some writes went astray. So flipped bits in any one or two copies
 * are repaired, after a crash as well.
 */
import { bufferOf, isZero, must, readU64, ThemisError, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { readDamaged, writeWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { checkIdentity, type Identity, identityBytes } from './identity.js';

export const superblockCopies = 4;
export const superblockVersion = 1;

const magic = 'THEMISSB';
const checksumCrc32c = 1;
const crcOffset = limits.sectorBytes - 4;

export interface Superblock extends Identity {
  readonly incarnation: number;
  readonly sequence: number;
  readonly ballot: number;
  readonly membershipEpoch: number;
}

export type SuperblockRead =
  | { readonly kind: 'absent' }
  /** `repaired`: copies that were damaged or left behind by a crash, and were written again. */
  | { readonly kind: 'valid'; readonly superblock: Superblock; readonly repaired: number };

/** What one copy holds. */
type Copy =
  | { readonly kind: 'valid'; readonly superblock: Superblock }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'invalid' };

/**
 * Reads the superblock and makes all four copies equal again, so that the next write starts from
 * a whole one. `expected` is whose superblock it must be.
 *
 * Throws THEMIS_SUPERBLOCK_CORRUPT when no promise can be trusted, THEMIS_FOLDER_FOREIGN,
 * THEMIS_FORMAT_NEWER, and the system's error when a repair fails.
 */
export function readSuperblock(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  expected?: Identity,
): SuperblockRead {
  if (fs.stat(path) === null) return { kind: 'absent' };
  const copies = readCopies(fs, path, kernel);
  const superblock = choose(path, copies);
  if (expected !== undefined) checkIdentity(path, superblock, expected);
  const repaired = repair(fs, path, kernel, superblock, copies);
  return { kind: 'valid', superblock, repaired };
}

/**
 * Makes `next` durable; its sequence must be one more than that of the superblock in the file,
 * which readSuperblock has read (and healed) since this process started. The first write of all
 * goes to a file aside that is renamed when it is whole.
 *
 * An error of a write or sync leaves open which superblock a restart will find: the process must
 * promise nothing any more.
 */
export function writeSuperblock(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  next: Superblock,
): void {
  const block = encodeSuperblock(kernel, next);
  if (fs.stat(path) !== null) {
    writeCopies(fs, path, block, false);
  } else {
    const partial = `${path}.partial`;
    if (fs.stat(partial) !== null) fs.unlink(partial);
    writeCopies(fs, partial, block, true);
    fs.rename(partial, path);
  }
  // Also for a file that was there: a process that was killed may have left its name unsynced.
  fs.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
}

/** The block of one copy. */
export function encodeSuperblock(kernel: Kernel, superblock: Superblock): Uint8Array {
  const block = new Uint8Array(limits.blockBytes);
  const view = viewOf(block);
  bufferOf(block).write(magic, 0, 'latin1');
  view.setUint32(8, superblockVersion, true);
  view.setUint32(12, checksumCrc32c, true);
  block.set(superblock.clusterId, 16);
  block.set(superblock.nodeId, 32);
  writeU64(view, 48, superblock.incarnation);
  writeU64(view, 56, superblock.sequence);
  writeU64(view, 64, superblock.ballot);
  writeU64(view, 72, superblock.membershipEpoch);
  view.setUint32(crcOffset, kernel.crc32c(block, 0, crcOffset, 0), true);
  return block;
}

function decodeCopy(kernel: Kernel, block: Uint8Array): Copy {
  const view = viewOf(block);
  if (bufferOf(block).toString('latin1', 0, magic.length) !== magic) return { kind: 'invalid' };
  const intact = view.getUint32(crcOffset, true) === kernel.crc32c(block, 0, crcOffset, 0);
  if (!intact) return { kind: 'invalid' };
  const version = view.getUint32(8, true);
  if (version > superblockVersion) return { kind: 'newer', version };
  const known = version === superblockVersion && view.getUint32(12, true) === checksumCrc32c;
  if (!known || !isZero(block.subarray(limits.sectorBytes))) return { kind: 'invalid' };
  const superblock: Superblock = {
    clusterId: block.slice(16, 16 + identityBytes),
    nodeId: block.slice(32, 32 + identityBytes),
    incarnation: readU64(view, 48),
    sequence: readU64(view, 56),
    ballot: readU64(view, 64),
    membershipEpoch: readU64(view, 72),
  };
  return { kind: 'valid', superblock };
}

/** A copy that lies behind the end of the file, or cannot be read, is an invalid one. */
function readCopies(fs: FileSystem, path: string, kernel: Kernel): Copy[] {
  const file = fs.open(path, { access: 'read' });
  try {
    const block = new Uint8Array(limits.blockBytes);
    return Array.from({ length: superblockCopies }, (_, copy): Copy => {
      const whole = readDamaged(file, block, block.length, copy * block.length);
      return whole ? decodeCopy(kernel, block) : { kind: 'invalid' };
    });
  } finally {
    file.close();
  }
}

function choose(path: string, copies: readonly Copy[]): Superblock {
  const newer = copies.find((copy) => copy.kind === 'newer');
  if (newer !== undefined) {
    throw new ThemisError(
      'THEMIS_FORMAT_NEWER',
      `${path} has format ${newer.version}; this Themis reads up to ${superblockVersion}. ` +
        'Open the folder with the newer Themis.',
    );
  }
  const valid = copies.flatMap((copy) => (copy.kind === 'valid' ? [copy.superblock] : []));
  if (valid.length < 2) throw corrupt(path, `${valid.length} of 4 copies are valid`);
  valid.sort((a, b) => b.sequence - a.sequence);
  const first = must(valid[0], 'two copies are valid');
  const holders = valid.filter((other) => other.sequence === first.sequence);
  if (!holders.every((other) => equal(first, other))) {
    throw corrupt(path, `copies of sequence ${first.sequence} differ`);
  }
  const next = valid[holders.length];
  if (holders.length === 1 && next !== undefined && next.sequence !== first.sequence - 1) {
    throw corrupt(path, `one copy has sequence ${first.sequence}, the next ${next.sequence}`);
  }
  return first;
}

function corrupt(path: string, why: string): ThemisError {
  return new ThemisError(
    'THEMIS_SUPERBLOCK_CORRUPT',
    `The superblock ${path} is damaged: ${why}. What this node promised is not known any more; ` +
      'restore the folder from a backup, or join the cluster as a new node.',
  );
}

function equal(a: Superblock, b: Superblock): boolean {
  return (
    bufferOf(a.clusterId).equals(b.clusterId) &&
    bufferOf(a.nodeId).equals(b.nodeId) &&
    a.incarnation === b.incarnation &&
    a.sequence === b.sequence &&
    a.ballot === b.ballot &&
    a.membershipEpoch === b.membershipEpoch
  );
}

/**
 * Writes the chosen content over every other copy, invalid ones first, each synced before the
 * next is touched: a crash in between never leaves fewer valid copies than there were.
 */
function repair(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  chosen: Superblock,
  copies: readonly Copy[],
): number {
  const invalid: number[] = [];
  const stale: number[] = [];
  for (const [copy, found] of copies.entries()) {
    if (found.kind !== 'valid') invalid.push(copy);
    else if (!equal(found.superblock, chosen)) stale.push(copy);
  }
  const targets = [...invalid, ...stale];
  if (targets.length === 0) return 0;
  const block = encodeSuperblock(kernel, chosen);
  const file = fs.open(path, { access: 'read-write' });
  try {
    for (const copy of targets) {
      putCopy(file, block, copy);
      file.sync();
    }
  } finally {
    file.close();
  }
  return targets.length;
}

function writeCopies(fs: FileSystem, path: string, block: Uint8Array, create: boolean): void {
  const file = fs.open(path, { access: 'read-write', create });
  try {
    putCopy(file, block, 0);
    putCopy(file, block, 1);
    file.sync();
    putCopy(file, block, 2);
    putCopy(file, block, 3);
    file.sync();
  } finally {
    file.close();
  }
}

function putCopy(file: FileHandle, block: Uint8Array, copy: number): void {
  writeWhole(file, block, block.length, copy * block.length);
}
