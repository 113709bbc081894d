/**
 * Verifies the records of a batch: header checksums, tag, chain, payload checksums.
 *
 * The length of a record is only worth something once its header is verified, so the walk over
 * the records ends in nonsense behind a damaged header; the checksums of what it found there fail,
 * and `known` counts the records before. A damaged payload hides nothing but itself.
 */
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { type BatchHeader, batchHeaderBytes } from './batch.js';
import { nextChain, recordHeaderBytes, recordOffsets } from './record.js';
import type { SegmentWindow } from './segment-window.js';

export class BatchChecker {
  readonly #kernel: Kernel;
  readonly #ranges = new Uint32Array(2 * limits.batchRecordsMax);
  readonly #crcs = new Uint32Array(limits.batchRecordsMax);
  /** Where record i starts in the window. */
  readonly starts = new Uint32Array(limits.batchRecordsMax);
  /** 1 when the payload of record i is intact. */
  readonly sound = new Uint8Array(limits.batchRecordsMax);
  /** Records whose headers are verified, from the first on. */
  known = 0;
  /** Known records before the first one with a damaged payload. */
  intact = 0;
  /** The chain value behind the known records. */
  chain = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Checks the unmasked batch at `at` of the window; null when everything holds. */
  check(
    window: SegmentWindow,
    at: number,
    header: BatchHeader,
  ): 'record header' | 'payload' | null {
    const end = at + header.byteLength;
    const { count, last } = this.#walk(window, at + batchHeaderBytes, end, header.recordCount);
    this.#checkHeaders(window, count, header);
    this.#checkPayloads(window);
    if (this.known < header.recordCount || last !== end) return 'record header';
    return this.intact < this.known ? 'payload' : null;
  }

  /** Where the first `count` records end, in bytes from the start of the batch. */
  lengthOf(window: SegmentWindow, at: number, count: number): number {
    if (count === 0) return batchHeaderBytes;
    const start = this.starts[count - 1] as number;
    const length = window.view.getUint32(start + recordOffsets.length, true);
    return ((start + recordHeaderBytes + length + 7) & ~7) - at;
  }

  #walk(
    window: SegmentWindow,
    start: number,
    end: number,
    recordCount: number,
  ): { readonly count: number; readonly last: number } {
    let count = 0;
    let at = start;
    while (count < recordCount && at + recordHeaderBytes <= end) {
      const length = window.words[(at + recordOffsets.length) >>> 2] as number;
      if (length > end - at - recordHeaderBytes) break;
      this.starts[count] = at;
      this.#ranges[2 * count] = at + 4;
      this.#ranges[2 * count + 1] = recordHeaderBytes - 4;
      count++;
      at = (at + recordHeaderBytes + length + 7) & ~7;
    }
    return { count, last: at };
  }

  #checkHeaders(window: SegmentWindow, count: number, header: BatchHeader): void {
    const { words } = window;
    this.#kernel.crc32cRanges(window.bytes, this.#ranges, count, this.#crcs);
    let chain = header.chain;
    let known = 0;
    for (; known < count; known++) {
      const word = (this.starts[known] as number) >>> 2;
      if (words[word] !== this.#crcs[known]) break;
      if (words[word + (recordOffsets.segmentTag >>> 2)] !== header.segmentTag) break;
      if (words[word + (recordOffsets.chain >>> 2)] !== chain) break;
      const crc = words[word + (recordOffsets.payloadCrc >>> 2)] as number;
      chain = nextChain(chain, crc, words[word + (recordOffsets.index >>> 2)] as number);
    }
    this.known = known;
    this.chain = chain;
  }

  #checkPayloads(window: SegmentWindow): void {
    const { words } = window;
    const ranges = this.#ranges;
    for (let i = 0; i < this.known; i++) {
      const start = this.starts[i] as number;
      ranges[2 * i] = start + recordHeaderBytes;
      ranges[2 * i + 1] = words[(start + recordOffsets.length) >>> 2] as number;
    }
    this.#kernel.crc32cRanges(window.bytes, ranges, this.known, this.#crcs);
    this.intact = this.known;
    for (let i = this.known - 1; i >= 0; i--) {
      const word = ((this.starts[i] as number) + recordOffsets.payloadCrc) >>> 2;
      const sound = words[word] === this.#crcs[i];
      this.sound[i] = sound ? 1 : 0;
      if (!sound) this.intact = i;
    }
  }
}
