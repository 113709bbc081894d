/**
 * Reads a snapshot, one chunk in memory at a time. Each chunk is verified, also for the order of
 * its keys, before any of its entries is handed out; what the footer counts is compared when the
 * last one has been. A consumer must not use what it has installed before the generator ends.
 */
import { assert, codeOf, compareBytes, ThemisError, viewOf } from '../base/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { readDamaged, readWhole, writeWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { checkIdentity, type Identity } from './identity.js';
import { hashEntries, indexEntries, indexStride, kindAt, versionAt } from './snapshot-chunk.js';
import {
  chunkHeaderBytes,
  chunkHolds,
  chunksStart,
  type Decoded,
  decodeFooter,
  decodeHeader,
  readChunkHeader,
  type SnapshotFooter,
  type SnapshotHeader,
  type SnapshotManifest,
  snapshotBlockBytes,
  snapshotCorrupt,
  snapshotIndex,
  snapshotVersion,
} from './snapshot-file.js';
import { StateHash } from './state-hash.js';

export interface SnapshotEntry {
  /** A view over memory that nothing reuses; it may be kept. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly version: number;
  readonly kind: number;
}

export interface SnapshotReader {
  readonly manifest: SnapshotManifest;
  /** True when one copy of the header was damaged and was written again from the other. */
  readonly repaired: boolean;
  /**
   * All entries in the order of their keys. Each call reads the file anew and closes it when
   * the loop over it ends. Throws THEMIS_SNAPSHOT_CORRUPT, and the system's errors.
   */
  entries(): Generator<SnapshotEntry, void, undefined>;
}

/** The entries of one verified chunk. */
interface Chunk {
  readonly payload: Uint8Array;
  /** As indexEntries makes it. */
  readonly index: Uint32Array;
}

/**
 * Opens a snapshot: its header (repaired from its copy when needed), footer and size.
 *
 * Throws THEMIS_SNAPSHOT_CORRUPT, THEMIS_FORMAT_NEWER, THEMIS_FOLDER_FOREIGN when `expected` is
 * given and another cluster's (the node may differ: snapshots travel), and the system's errors.
 */
export function openSnapshot(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  expected?: Identity,
): SnapshotReader {
  const { footer, manifest, repaired } = load(fs, path, kernel, expected);
  return { manifest, repaired, entries: () => entriesOf(fs, path, kernel, footer) };
}

/** Reads the whole file and checks all of it; the manifest when everything holds. */
export function verifySnapshot(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  expected?: Identity,
): SnapshotManifest {
  const { footer, manifest } = load(fs, path, kernel, expected);
  for (const chunk of chunksOf(fs, path, kernel, footer)) {
    assert(chunk.index.length > 0, 'a chunk holds entries');
  }
  return manifest;
}

/** Header, footer and what they say together. */
function load(fs: FileSystem, path: string, kernel: Kernel, expected: Identity | undefined) {
  const { header, crc, repaired } = readHeader(fs, path, kernel);
  if (expected !== undefined) {
    checkIdentity(path, header, { clusterId: expected.clusterId, nodeId: header.nodeId });
  }
  const named = snapshotIndex(path.slice(path.lastIndexOf('/') + 1));
  if (named !== null && named !== header.index) {
    throw snapshotCorrupt(path, `it is of index ${header.index}, not what its name says`);
  }
  const footer = readFooter(fs, path, kernel, crc);
  const { headerCrc: _, ...counts } = footer;
  return { footer, manifest: { ...header, ...counts }, repaired };
}

function* entriesOf(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  footer: SnapshotFooter,
): Generator<SnapshotEntry, void, undefined> {
  for (const { payload, index } of chunksOf(fs, path, kernel, footer)) {
    const view = viewOf(payload);
    for (let at = 0; at < index.length; at += indexStride) {
      const keyAt = index[at] as number;
      const valueAt = index[at + 2] as number;
      yield {
        key: payload.subarray(keyAt, valueAt),
        value: payload.subarray(valueAt, valueAt + (index[at + 3] as number)),
        version: versionAt(view, keyAt),
        kind: kindAt(view, keyAt),
      };
    }
  }
}

/** All chunks, each verified, then what the footer counts. */
function* chunksOf(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  footer: SnapshotFooter,
): Generator<Chunk, void, undefined> {
  const file = fs.open(path, { access: 'read' });
  try {
    const end = footer.fileBytes - snapshotBlockBytes;
    const hash = new StateHash();
    let lastKey: Uint8Array | null = null;
    let position = chunksStart;
    let chain = footer.headerCrc;
    let entries = 0;
    for (let sequence = 0; sequence < footer.chunks; sequence++) {
      const bytes = readChunk(file, path, position, end);
      const header = readChunkHeader(bytes);
      const holds = header?.sequence === sequence && chunkHolds(kernel, bytes, chain);
      if (!holds) throw snapshotCorrupt(path, `chunk ${sequence} at offset ${position}`);
      const payload = bytes.subarray(chunkHeaderBytes);
      const index = indexEntries(payload, header.entries);
      lastKey = index && lastOfAscending(payload, index, lastKey);
      if (index === null || lastKey === null) {
        throw snapshotCorrupt(path, `the entries of chunk ${sequence} at offset ${position}`);
      }
      hashEntries(kernel, payload, index, hash);
      chain = header.chain;
      position += bytes.length;
      entries += header.entries;
      yield { payload, index };
    }
    const whole = position === end && chain === footer.chain && entries === footer.entries;
    if (!whole || hash.value !== footer.stateHash) {
      throw snapshotCorrupt(path, 'its chunks are not those that its footer counts');
    }
  } finally {
    file.close();
  }
}

/** Header and entries of the chunk at `position`, in memory of their own, not verified. */
function readChunk(file: FileHandle, path: string, position: number, end: number): Uint8Array {
  const header = new Uint8Array(chunkHeaderBytes);
  readExactly(file, path, header, position);
  const length = readChunkHeader(header)?.length ?? Number.POSITIVE_INFINITY;
  if (position + chunkHeaderBytes + length > end) {
    throw snapshotCorrupt(path, `the chunk header at offset ${position}`);
  }
  const bytes = new Uint8Array(chunkHeaderBytes + length);
  bytes.set(header);
  readExactly(file, path, bytes.subarray(chunkHeaderBytes), position + chunkHeaderBytes);
  return bytes;
}

/** The last key when all keys ascend from `before`, else null. */
function lastOfAscending(
  payload: Uint8Array,
  index: Uint32Array,
  before: Uint8Array | null,
): Uint8Array | null {
  let last = before;
  for (let at = 0; at < index.length; at += indexStride) {
    const key = payload.subarray(index[at] as number, index[at + 2] as number);
    if (last !== null && compareBytes(last, key) >= 0) return null;
    last = key;
  }
  return last;
}

function readHeader(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
): { readonly header: SnapshotHeader; readonly crc: number; readonly repaired: boolean } {
  const blocks = [new Uint8Array(snapshotBlockBytes), new Uint8Array(snapshotBlockBytes)] as const;
  const file = fs.open(path, { access: 'read' });
  try {
    for (const [copy, block] of blocks.entries()) {
      if (!readDamaged(file, block, block.length, copy * snapshotBlockBytes)) block.fill(0);
    }
  } finally {
    file.close();
  }
  const first = refuseNewer(path, decodeHeader(kernel, blocks[0]));
  const second = refuseNewer(path, decodeHeader(kernel, blocks[1]));
  if (first === null && second === null) throw snapshotCorrupt(path, 'both headers');
  if (first !== null && second !== null) {
    if (compareBytes(blocks[0], blocks[1]) !== 0) throw snapshotCorrupt(path, 'its headers differ');
    return { header: first.value, crc: first.crc, repaired: false };
  }
  const [good, block, bad] = first !== null ? [first, blocks[0], 1] : [second, blocks[1], 0];
  assert(good !== null, 'one header is valid');
  repairHeader(fs, path, block, bad);
  return { header: good.value, crc: good.crc, repaired: true };
}

function repairHeader(fs: FileSystem, path: string, block: Uint8Array, copy: number): void {
  const file = fs.open(path, { access: 'read-write' });
  try {
    writeWhole(file, block, block.length, copy * snapshotBlockBytes);
    file.sync();
  } finally {
    file.close();
  }
}

/** The footer of the header with this CRC. */
function readFooter(
  fs: FileSystem,
  path: string,
  kernel: Kernel,
  headerCrc: number,
): SnapshotFooter {
  const file = fs.open(path, { access: 'read' });
  try {
    const fileBytes = file.size();
    if (fileBytes < chunksStart + snapshotBlockBytes)
      throw snapshotCorrupt(path, 'it is too short');
    const block = new Uint8Array(snapshotBlockBytes);
    readExactly(file, path, block, fileBytes - snapshotBlockBytes);
    const footer = refuseNewer(path, decodeFooter(kernel, block))?.value;
    if (footer === undefined || footer.fileBytes !== fileBytes) {
      throw snapshotCorrupt(path, 'its footer');
    }
    if (footer.headerCrc !== headerCrc) {
      throw snapshotCorrupt(path, 'header and footer are of different snapshots');
    }
    return footer;
  } finally {
    file.close();
  }
}

function readExactly(file: FileHandle, path: string, target: Uint8Array, position: number): void {
  try {
    if (readWhole(file, target, target.length, position) === target.length) return;
  } catch (error) {
    if (codeOf(error) === 'EIO') throw snapshotCorrupt(path, `unreadable at ${position}`, error);
    throw error;
  }
  throw snapshotCorrupt(path, `it ends before offset ${position + target.length}`);
}

function refuseNewer<T>(
  path: string,
  decoded: Decoded<T>,
): { readonly value: T; readonly crc: number } | null {
  if (decoded.kind === 'invalid') return null;
  if (decoded.kind === 'valid') return decoded;
  throw new ThemisError(
    'THEMIS_FORMAT_NEWER',
    `${path} has format ${decoded.version}; this Themis reads up to ${snapshotVersion}. ` +
      'Open the folder with the newer Themis.',
  );
}
