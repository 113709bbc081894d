/**
 * A log record: a 48-byte header and a payload, padded with zeros to a multiple of 8.
 *
 *   offset  size  field
 *        0     4  headerCrc    CRC32C of bytes [4, 48)
 *        4     4  length       payload bytes, without padding
 *        8     2  kind         what the payload is (recordKinds)
 *       10     2  flags        0
 *       12     4  stream       logical log that the record belongs to
 *       16     8  index        position in its stream, contiguous from 1
 *       24     8  ballot       ballot under which it was proposed
 *       32     4  payloadCrc   CRC32C of the payload
 *       36     4  segmentTag   names the segment; stale bytes of another one never match
 *       40     4  chain        rolling value over all earlier records of the log (nextChain)
 *       44     4  zero
 *
 * All integers are little-endian. The header has its own checksum, so that a record with a damaged
 * payload can still be asked for by stream, index and ballot. A producer fills length, kind,
 * stream, index, ballot and payload; the log thread seals the rest when it forms a batch.
 * Example: a 100-byte payload takes alignUp(48 + 100, 8) = 152 bytes.
 */
import { readU64, writeU64 } from '../base/index.js';

export const recordHeaderBytes = 48;
export const recordAlign = 8;

export const recordOffsets = {
  headerCrc: 0,
  length: 4,
  kind: 8,
  flags: 10,
  stream: 12,
  index: 16,
  ballot: 24,
  payloadCrc: 32,
  segmentTag: 36,
  chain: 40,
} as const;

/**
 * `command`: a proposal for the state machine. `mark`: written when the log falls idle and at
 * close, so that the batch before it is proved synced; carries nothing.
 */
export const recordKinds = { command: 1, mark: 2 } as const;

/** Bytes that a record with this payload takes, header and padding included. */
export function recordBytes(payloadBytes: number): number {
  return (recordHeaderBytes + payloadBytes + 7) & ~7;
}

export interface RecordHeader {
  readonly length: number;
  readonly kind: number;
  readonly stream: number;
  readonly index: number;
  readonly ballot: number;
  readonly payloadCrc: number;
  readonly segmentTag: number;
  readonly chain: number;
}

export function readRecordHeader(view: DataView, offset: number): RecordHeader {
  return {
    length: view.getUint32(offset + recordOffsets.length, true),
    kind: view.getUint16(offset + recordOffsets.kind, true),
    stream: view.getUint32(offset + recordOffsets.stream, true),
    index: readU64(view, offset + recordOffsets.index),
    ballot: readU64(view, offset + recordOffsets.ballot),
    payloadCrc: view.getUint32(offset + recordOffsets.payloadCrc, true),
    segmentTag: view.getUint32(offset + recordOffsets.segmentTag, true),
    chain: view.getUint32(offset + recordOffsets.chain, true),
  };
}

/** Writes what a producer knows; sealing fills the rest. */
export function writeRecordHeader(
  view: DataView,
  offset: number,
  record: Pick<RecordHeader, 'length' | 'kind' | 'stream' | 'index' | 'ballot'>,
): void {
  view.setUint32(offset + recordOffsets.length, record.length, true);
  view.setUint32(offset + recordOffsets.kind, record.kind, true);
  view.setUint32(offset + recordOffsets.stream, record.stream, true);
  writeU64(view, offset + recordOffsets.index, record.index);
  writeU64(view, offset + recordOffsets.ballot, record.ballot);
}

/**
 * The chain value after a record: mixes the payload's checksum and index into what came before
 * (murmur3's finalizer), so that a dropped, repeated or misplaced record breaks the chain.
 */
export function nextChain(chain: number, payloadCrc: number, index: number): number {
  let mixed = (chain ^ payloadCrc ^ Math.imul(index | 0, 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
