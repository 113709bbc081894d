/**
 * The checksums of one table (*.ldb, *.sst) of LevelDB 1.20.
 *
 *   | data blocks | meta blocks (filter) | metaindex block | index block | footer 48 B |
 *
 *   block    contents | type u8 (0 plain, 1 Snappy) | masked CRC32C of contents and type
 *   footer   handle of metaindex | handle of index | zeros to 40 | 0xdb4775248b80fb57
 *   handle   varint offset, varint size (of the contents, without the five bytes after them)
 *
 * Index and metaindex hold entries (varint shared, varint unshared, varint valueBytes, unshared
 * bytes of the key, value), then restart offsets u32 and their count u32; values are handles.
 *
 * The blocks must cover the file without gap or overlap, so every byte is under a checksum or
 * compared with what it has to be.
 */
import { isZero, viewOf } from '../base/index.js';
import type { FileHandle } from '../io/index.js';
import { readWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { ByteCursor } from './byte-cursor.js';
import { unmaskCrc } from './leveldb-log.js';
import { snappyDecompress } from './snappy.js';

const footerBytes = 48;
const trailerBytes = 5;
const magicLow = 0x8b80fb57;
const magicHigh = 0xdb477524;
const chunkBytes = 1 << 20;
/** Most an index block may be when it is decompressed: far above that of the largest tables. */
const indexBytesMax = 1 << 28;

export type TableVerdict =
  | { readonly kind: 'sound' }
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: string };

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** What a step of the check found wrong. */
class Damage {
  readonly offset: number;
  readonly why: string;

  constructor(offset: number, why: string) {
    this.offset = offset;
    this.why = why;
  }
}

/** Checks a whole table. Yields the bytes that each read took; memory is 1 MiB, or one block. */
export function* checkTable(
  file: FileHandle,
  kernel: Kernel,
): Generator<number, TableVerdict, undefined> {
  const fileBytes = file.size();
  const handles = findBlocks(file, kernel, fileBytes);
  if (handles instanceof Damage) return damaged(handles);
  const gap = findGap(handles, fileBytes);
  if (gap !== null) return damaged(gap);
  let buffer = new Uint8Array(Math.min(chunkBytes, fileBytes));
  for (let first = 0; first < handles.length; ) {
    const end = endOfRun(handles, first);
    const start = handles[first] as BlockHandle;
    const last = handles[end - 1] as BlockHandle;
    const length = last.offset + last.size + trailerBytes - start.offset;
    if (length > buffer.length) buffer = new Uint8Array(length);
    if (readWhole(file, buffer, length, start.offset) < length) {
      return damaged(new Damage(start.offset, 'the file became shorter'));
    }
    const bad = checkRun(kernel, buffer, handles.slice(first, end));
    if (bad !== null) return damaged(bad);
    yield length;
    first = end;
  }
  yield footerBytes;
  return { kind: 'sound' };
}

function damaged({ offset, why }: Damage): TableVerdict {
  return { kind: 'damaged', offset, why };
}

/** Handles of all blocks in the order of the file. */
function findBlocks(
  file: FileHandle,
  kernel: Kernel,
  fileBytes: number,
): readonly BlockHandle[] | Damage {
  const footerAt = fileBytes - footerBytes;
  if (footerAt < 0) return new Damage(0, 'the file is shorter than a footer');
  const footer = new Uint8Array(footerBytes);
  readWhole(file, footer, footerBytes, footerAt);
  const view = viewOf(footer);
  const magic = view.getUint32(40, true) === magicLow && view.getUint32(44, true) === magicHigh;
  const cursor = new ByteCursor(footer.subarray(0, 40));
  const metaindex = readHandle(cursor);
  const index = readHandle(cursor);
  if (!magic || cursor.bad || !isZero(footer.subarray(cursor.at, 40))) {
    return new Damage(footerAt, 'the footer');
  }
  const handles: BlockHandle[] = [];
  for (const [handle, what] of [
    [index, 'index'],
    [metaindex, 'metaindex'],
  ] as const) {
    if (handle.offset + handle.size + trailerBytes > footerAt) {
      return new Damage(footerAt, `the footer names no ${what} block`);
    }
    const contents = readBlock(file, kernel, handle);
    if (contents instanceof Damage) return contents;
    const named = handlesIn(contents);
    if (named === null) return new Damage(handle.offset, `the entries of the ${what} block`);
    for (const found of named) handles.push(found);
  }
  return [...handles, metaindex, index].sort((a, b) => a.offset - b.offset);
}

/** Contents of one block, verified and decompressed. */
function readBlock(file: FileHandle, kernel: Kernel, handle: BlockHandle): Uint8Array | Damage {
  const bytes = new Uint8Array(handle.size + trailerBytes);
  readWhole(file, bytes, bytes.length, handle.offset);
  const bad = checkRun(kernel, bytes, [handle]);
  if (bad !== null) return bad;
  const contents = bytes.subarray(0, handle.size);
  if (bytes[handle.size] === 0) return contents;
  return snappyDecompress(contents, indexBytesMax) ?? new Damage(handle.offset, 'its compression');
}

/** The handles that are the values of an index block, or null when it is malformed. */
function handlesIn(block: Uint8Array): BlockHandle[] | null {
  if (block.length < 4) return null;
  const restarts = viewOf(block).getUint32(block.length - 4, true);
  const entriesEnd = block.length - 4 - restarts * 4;
  if (entriesEnd < 0) return null;
  const cursor = new ByteCursor(block.subarray(0, entriesEnd));
  const handles: BlockHandle[] = [];
  while (!cursor.ended) {
    cursor.varint();
    const unshared = cursor.varint();
    const valueBytes = cursor.varint();
    cursor.take(unshared);
    const value = new ByteCursor(cursor.take(valueBytes));
    handles.push(readHandle(value));
    if (value.bad) return null;
  }
  return cursor.bad ? null : handles;
}

function readHandle(cursor: ByteCursor): BlockHandle {
  const offset = cursor.varint();
  return { offset, size: cursor.varint() };
}

/** The first place where the blocks do not join, or null. */
function findGap(handles: readonly BlockHandle[], fileBytes: number): Damage | null {
  let end = 0;
  for (const { offset, size } of handles) {
    if (offset !== end) return new Damage(end, 'blocks do not join');
    end = offset + size + trailerBytes;
  }
  return end === fileBytes - footerBytes ? null : new Damage(end, 'blocks do not fill the file');
}

/** End (exclusive) of the blocks from `first` that are read at once. */
function endOfRun(handles: readonly BlockHandle[], first: number): number {
  const start = (handles[first] as BlockHandle).offset;
  let end = first + 1;
  for (; end < handles.length; end++) {
    const { offset, size } = handles[end] as BlockHandle;
    if (offset + size + trailerBytes - start > chunkBytes) break;
  }
  return end;
}

/** Checks neighbouring blocks, whose bytes start at 0 of `bytes`. */
function checkRun(
  kernel: Kernel,
  bytes: Uint8Array,
  handles: readonly BlockHandle[],
): Damage | null {
  const view = viewOf(bytes);
  const start = (handles[0] as BlockHandle).offset;
  const ranges = new Uint32Array(handles.length * 2);
  const crcs = new Uint32Array(handles.length);
  for (const [i, { offset, size }] of handles.entries()) {
    ranges[2 * i] = offset - start;
    ranges[2 * i + 1] = size + 1;
  }
  kernel.crc32cRanges(bytes, ranges, handles.length, crcs);
  for (const [i, { offset, size }] of handles.entries()) {
    const end = offset - start + size;
    if (crcs[i] !== unmaskCrc(view.getUint32(end + 1, true))) {
      return new Damage(offset, `the checksum of the block at ${offset}`);
    }
    if ((bytes[end] as number) > 1) return new Damage(offset, 'an unknown compression');
  }
  return null;
}
