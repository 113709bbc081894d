/**
 * A batch: the records that are written and synced together, by one write at a 4 KiB boundary.
 *
 *   offset  size  field
 *        0     4  headerCrc       CRC32C of bytes [4, 64)
 *        4     4  magic           "BTCH"
 *        8     4  byteLength      header and records; padding to 4 KiB is not counted
 *       12     4  recordCount
 *       16     4  segmentTag      names the segment (segment.ts)
 *       20     4  chain           before the first record (nextChain in record.ts)
 *       24     8  number          contiguous over the whole log, from 1
 *       32     8  syncedPosition  everything before it was synced when this was written
 *       40     4  mask            see below
 *       44    20  zero
 *       64        records (record.ts), back to back; then zeros to the next 4 KiB boundary
 *
 * Torn or rotten? A disk writes a sector of 512 bytes whole or not at all, and a segment is zero
 * before it is used. So a sector of a torn write is either complete or zero, and recovery could
 * tell torn from rotten exactly, were it not for values that are full of zeros. Hence the mask:
 * when a sector of the batch would be all zero, everything behind the batch header is XORed with
 * a 32-bit word that no sector consists of. **No sector of a batch is ever zero on disk**; a zero
 * one was never written. Checksums are those of the unmasked bytes. Sector 0 holds the magic.
 *
 * Example: one record with 1000 zeros is 64 + 1048 = 1112 bytes, in 3 sectors. The second would
 * be all zero, so the mask is 0x9e3779b1, and the batch takes one block of 4096 bytes.
 */
import { alignUp, assert, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { nextChain, recordHeaderBytes, recordOffsets } from './record.js';
import { markStream, type StreamIndexes } from './stream-indexes.js';

export const batchHeaderBytes = 64;
export const batchMagic = 0x48435442;

const offsets = {
  magic: 4,
  byteLength: 8,
  recordCount: 12,
  segmentTag: 16,
  chain: 20,
  number: 24,
  syncedPosition: 32,
  mask: 40,
} as const;

/** What a batch says about its place in the log. */
export interface BatchPlace {
  readonly segmentTag: number;
  readonly chain: number;
  readonly number: number;
  readonly syncedPosition: number;
}

export interface BatchHeader extends BatchPlace {
  readonly byteLength: number;
  readonly recordCount: number;
  readonly mask: number;
}

const sectorWords = limits.sectorBytes / 4;
const recordWords = {
  length: recordOffsets.length / 4,
  stream: recordOffsets.stream / 4,
  index: recordOffsets.index / 4,
  payloadCrc: recordOffsets.payloadCrc / 4,
  segmentTag: recordOffsets.segmentTag / 4,
  chain: recordOffsets.chain / 4,
  zero: recordOffsets.chain / 4 + 1,
} as const;

assert(
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1,
  'the log is sealed with words of a little-endian machine',
);

/** Bytes that a batch takes in its segment. */
export function batchBlockBytes(byteLength: number): number {
  return alignUp(byteLength, limits.blockBytes);
}

/** A 32-bit view of bytes whose address is a multiple of 4. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}

/**
 * Forms batches in one staging buffer: `begin`, `add` for every piece of records, `finish`. So what
 * comes first can be sealed while the rest is still being written. Allocates nothing for a record.
 */
export class BatchSealer {
  readonly #kernel: Kernel;
  readonly #staging: Uint8Array;
  readonly #view: DataView;
  readonly #words: Uint32Array;
  readonly #ranges = new Uint32Array(2 * limits.batchRecordsMax);
  readonly #crcs = new Uint32Array(limits.batchRecordsMax);
  #place: BatchPlace = { segmentTag: 0, chain: 0, number: 0, syncedPosition: 0 };
  #chain = 0;
  #records = 0;
  #byteLength = 0;

  /** `staging`: aligned as the sync mode needs; a batch lies at its start. */
  constructor(kernel: Kernel, staging: Uint8Array) {
    assert(staging.byteOffset % 8 === 0, 'staging memory is aligned');
    this.#kernel = kernel;
    this.#staging = staging;
    this.#view = viewOf(staging);
    this.#words = wordsOf(staging);
  }

  /** The chain value after the records that were added last. */
  get chain(): number {
    return this.#chain;
  }

  /** Records in the batch. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of the batch so far, its header included. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Begins a batch; what was in the staging memory is gone. */
  begin(place: BatchPlace): void {
    this.#place = place;
    this.#chain = place.chain;
    this.#records = 0;
    this.#byteLength = batchHeaderBytes;
  }

  /**
   * Copies the records source[start, end) behind those that are there, fills in what the producer
   * left open, and notes the last index of every stream in `streams`. Throws THEMIS_ASSERTION when
   * the records are not well formed or an index does not follow its stream's last one.
   */
  add(source: Uint8Array, start: number, end: number, streams: StreamIndexes): void {
    const from = this.#byteLength;
    const to = from + end - start;
    assert(
      end > start && batchBlockBytes(to) <= this.#staging.length,
      'a batch fits its staging memory',
    );
    this.#staging.set(source.subarray(start, end), from);
    const count = this.#findRecords(from, to);
    this.#noteStreams(count, streams);
    this.#sealRecords(count);
    this.#records += count;
    this.#byteLength = to;
  }

  /**
   * Writes the header, masks if needed, and fills the last block with zeros. Returns the batch's
   * byteLength; it is at the start of the staging memory.
   */
  finish(): number {
    const byteLength = this.#byteLength;
    this.#staging.fill(0, byteLength, batchBlockBytes(byteLength));
    const mask = maskFor(this.#words, byteLength);
    const header = { ...this.#place, byteLength, recordCount: this.#records, mask };
    writeBatchHeader(this.#staging, this.#view, header, this.#kernel);
    if (mask !== 0) applyMask(this.#words, 0, byteLength, mask);
    return byteLength;
  }

  /** Fills #ranges with the payloads; returns how many records there are. */
  #findRecords(from: number, to: number): number {
    const words = this.#words;
    const ranges = this.#ranges;
    const countMax = limits.batchRecordsMax - this.#records;
    let count = 0;
    let offset = from;
    while (offset < to) {
      assert(count < countMax, 'a batch has at most batchRecordsMax records');
      const length = words[(offset >>> 2) + recordWords.length] as number;
      const payload = offset + recordHeaderBytes;
      assert(length <= to - payload, 'a record ends inside its batch');
      ranges[2 * count] = payload;
      ranges[2 * count + 1] = length;
      count++;
      offset = (payload + length + 7) & ~7;
    }
    assert(offset === to, 'the last record ends where its batch does');
    return count;
  }

  #noteStreams(count: number, streams: StreamIndexes): void {
    const words = this.#words;
    const ranges = this.#ranges;
    for (let i = 0; i < count; i++) {
      const word = ((ranges[2 * i] as number) - recordHeaderBytes) >>> 2;
      const stream = words[word + recordWords.stream] as number;
      if (stream === markStream) continue;
      const low = words[word + recordWords.index] as number;
      const high = words[word + recordWords.index + 1] as number;
      streams.note(stream, low + high * 0x1_0000_0000);
    }
    streams.flush();
  }

  #sealRecords(count: number): void {
    const words = this.#words;
    const ranges = this.#ranges;
    const crcs = this.#crcs;
    const { segmentTag } = this.#place;
    this.#kernel.crc32cRanges(this.#staging, ranges, count, crcs);
    let chain = this.#chain;
    for (let i = 0; i < count; i++) {
      const payload = ranges[2 * i] as number;
      for (let pad = payload + (ranges[2 * i + 1] as number); (pad & 7) !== 0; pad++) {
        this.#staging[pad] = 0;
      }
      const word = (payload - recordHeaderBytes) >>> 2;
      const crc = crcs[i] as number;
      words[word + recordWords.payloadCrc] = crc;
      words[word + recordWords.segmentTag] = segmentTag;
      words[word + recordWords.chain] = chain;
      words[word + recordWords.zero] = 0;
      chain = nextChain(chain, crc, words[word + recordWords.index] as number);
      ranges[2 * i] = payload - recordHeaderBytes + 4;
      ranges[2 * i + 1] = recordHeaderBytes - 4;
    }
    this.#chain = chain;
    this.#kernel.crc32cRanges(this.#staging, ranges, count, crcs);
    for (let i = 0; i < count; i++) {
      words[((ranges[2 * i] as number) - 4) >>> 2] = crcs[i] as number;
    }
  }
}

/** Writes a batch header at the start of `bytes`. */
export function writeBatchHeader(
  bytes: Uint8Array,
  view: DataView,
  header: BatchHeader,
  kernel: Kernel,
): void {
  bytes.fill(0, 0, batchHeaderBytes);
  view.setUint32(offsets.magic, batchMagic, true);
  view.setUint32(offsets.byteLength, header.byteLength, true);
  view.setUint32(offsets.recordCount, header.recordCount, true);
  view.setUint32(offsets.segmentTag, header.segmentTag, true);
  view.setUint32(offsets.chain, header.chain, true);
  writeU64(view, offsets.number, header.number);
  writeU64(view, offsets.syncedPosition, header.syncedPosition);
  view.setUint32(offsets.mask, header.mask, true);
  view.setUint32(0, kernel.crc32c(bytes, 4, batchHeaderBytes - 4, 0), true);
}

/** The header at `at` of `bytes`, or null when it is not one or fails its checksum. */
export function readBatchHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  kernel: Kernel,
): BatchHeader | null {
  if (view.getUint32(at + offsets.magic, true) !== batchMagic) return null;
  if (view.getUint32(at, true) !== kernel.crc32c(bytes, at + 4, batchHeaderBytes - 4, 0)) {
    return null;
  }
  const header = {
    byteLength: view.getUint32(at + offsets.byteLength, true),
    recordCount: view.getUint32(at + offsets.recordCount, true),
    segmentTag: view.getUint32(at + offsets.segmentTag, true),
    chain: view.getUint32(at + offsets.chain, true),
    number: readU64(view, at + offsets.number),
    syncedPosition: readU64(view, at + offsets.syncedPosition),
    mask: view.getUint32(at + offsets.mask, true),
  };
  const sound =
    header.byteLength >= batchHeaderBytes + recordHeaderBytes &&
    header.byteLength % 8 === 0 &&
    header.recordCount >= 1 &&
    header.recordCount <= limits.batchRecordsMax;
  return sound ? header : null;
}

/**
 * 0 when no sector of the batch at the start of `words` is all zero, otherwise a word that no
 * sector consists of. `byteLength` is a multiple of 8.
 */
export function maskFor(words: Uint32Array, byteLength: number): number {
  if (!hasZeroSector(words, 0, byteLength)) return 0;
  const taken = new Set<number>();
  for (let first = sectorWords; first < byteLength >>> 2; first += sectorWords) {
    const word = words[first] as number;
    if (consistsOf(words, first, Math.min(first + sectorWords, byteLength >>> 2), word)) {
      taken.add(word);
    }
  }
  // Multiples of an odd number are distinct and, for 0 < i < 2^32, not zero.
  for (let i = 1; ; i++) {
    const mask = Math.imul(i, 0x9e3779b1) >>> 0;
    if (!taken.has(mask)) return mask;
  }
}

/**
 * Cuts the unmasked batch in `bytes` to its first `recordCount` records, which end at byteLength,
 * and makes it one that can be written: header, mask, zeros up to the end of `bytes`.
 */
export function shortenBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  recordCount: number,
  byteLength: number,
  kernel: Kernel,
): void {
  const words = wordsOf(bytes);
  bytes.fill(0, byteLength);
  const mask = maskFor(words, byteLength);
  writeBatchHeader(bytes, viewOf(bytes), { ...header, recordCount, byteLength, mask }, kernel);
  if (mask !== 0) applyMask(words, 0, byteLength, mask);
}

/** XORs everything behind the header of the batch at byte `at`; twice is the identity. */
export function applyMask(words: Uint32Array, at: number, byteLength: number, mask: number): void {
  const end = (at + byteLength) >>> 2;
  for (let i = (at + batchHeaderBytes) >>> 2; i < end; i++) words[i] = (words[i] as number) ^ mask;
}

/** Is a sector of the batch at byte `at` all zero, up to where the batch ends? */
export function hasZeroSector(words: Uint32Array, at: number, byteLength: number): boolean {
  const end = (at + byteLength) >>> 2;
  for (let first = at >>> 2; first < end; first += sectorWords) {
    if (words[first] !== 0) continue;
    if (consistsOf(words, first, Math.min(first + sectorWords, end), 0)) return true;
  }
  return false;
}

function consistsOf(words: Uint32Array, start: number, end: number, word: number): boolean {
  for (let i = start; i < end; i++) if (words[i] !== word) return false;
  return true;
}
