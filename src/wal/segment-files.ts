/**
 * Finds the segments of a log and reads their headers: refuses those of another cluster, node or
 * version, and takes the good copy where one of the two is damaged.
 */
import { bufferOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileSystem } from '../io/index.js';
import { readDamaged } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { checkIdentity } from './identity.js';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  type HeaderCopy,
  type LogIdentity,
  type SegmentHeader,
  segmentDataOffset,
  segmentTag,
} from './segment.js';
import type { SegmentStore } from './segment-store.js';

export interface FoundSegment {
  readonly sequence: number;
  readonly path: string;
  /** Null when both copies are damaged. */
  readonly header: SegmentHeader | null;
  readonly tag: number;
  /** Both blocks as they should be, when one of them is not. */
  readonly headerRepair: Uint8Array | null;
}

export interface FindOptions {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly identity: LogIdentity;
}

/** The segments in `store`, oldest first; there may be holes. */
export function findSegments(store: SegmentStore, options: FindOptions): FoundSegment[] {
  const found: FoundSegment[] = [];
  let { incarnation } = options.identity;
  for (const sequence of store.sequences()) {
    const path = store.path(sequence);
    const { header, repair } = readHeader(path, sequence, options);
    if (header !== null) {
      checkHeader(header, path, store.segmentBytes, options.identity);
      incarnation = header.identity.incarnation;
    }
    const tag = segmentTag(options.identity.clusterId, incarnation, sequence);
    found.push({ sequence, path, header, tag, headerRepair: repair });
  }
  return found;
}

function readHeader(
  path: string,
  sequence: number,
  options: FindOptions,
): { readonly header: SegmentHeader | null; readonly repair: Uint8Array | null } {
  const blocks = new Uint8Array(segmentDataOffset);
  const handle = options.fileSystem.open(path, { access: 'read' });
  try {
    for (const offset of [0, limits.blockBytes]) {
      const block = blocks.subarray(offset, offset + limits.blockBytes);
      // A copy that cannot be read is as good as a damaged one.
      if (!readDamaged(handle, block, block.length, offset)) block.fill(0);
    }
  } finally {
    handle.close();
  }
  const copies = [0, limits.blockBytes].map((at) => readCopy(blocks, at, path, options.kernel));
  const header = copies.find((copy) => copy?.sequence === sequence) ?? null;
  if (header === null) return { header, repair: null };
  const expected = encodeSegmentHeader(header, options.kernel);
  return { header, repair: bufferOf(blocks).equals(expected) ? null : expected };
}

function readCopy(
  blocks: Uint8Array,
  at: number,
  path: string,
  kernel: Kernel,
): SegmentHeader | null {
  const copy: HeaderCopy = decodeSegmentHeader(blocks, at, kernel);
  if (copy.kind === 'newer') {
    throw new ThemisError(
      'THEMIS_FORMAT_NEWER',
      `${path} has version ${copy.version} of the log format; open it with a newer Themis.`,
    );
  }
  return copy.kind === 'valid' ? copy.header : null;
}

function checkHeader(
  header: SegmentHeader,
  path: string,
  segmentBytes: number,
  identity: LogIdentity,
): void {
  checkIdentity(path, header.identity, identity);
  if (header.identity.incarnation > identity.incarnation) {
    throw new ThemisError(
      'THEMIS_INCARNATION_STALE',
      `${path} was written by incarnation ${header.identity.incarnation} of this node, the ` +
        `superblock knows only ${identity.incarnation}; put back the newer superblock.`,
    );
  }
  if (header.segmentBytes !== segmentBytes) {
    throw new ThemisError(
      'THEMIS_CONFIG_INVALID',
      `${path} belongs to a log with segments of ${header.segmentBytes} bytes, not ` +
        `${segmentBytes}; open it with the size it was made with.`,
    );
  }
}
