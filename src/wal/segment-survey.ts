/**
 * What lies behind the first bad place of a segment: where the last nonzero byte is, which blocks
 * look like batches, what cannot be read. One pass, made only where a scan stops.
 *
 * A value may contain a copy of a batch of this very segment (somebody stores the log in the
 * database). Such a copy is older than what holds it, so a candidate counts only when its number
 * is above the last one seen.
 */
import { limits } from '../config/index.js';
import type { FileHandle } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { type BatchHeader, batchBlockBytes, readBatchHeader } from './batch.js';
import { SegmentWindow } from './segment-window.js';

const windowBytes = 1 << 20;

interface Candidate {
  readonly offset: number;
  readonly header: BatchHeader;
}

export class SegmentSurvey {
  readonly #candidates: Candidate[] = [];
  #unreadableEnd = 0;
  /** Behind the last byte that is not zero, or cannot be read. */
  dataEnd: number;

  /** Looks at file[offset, limit), for batches with this tag. */
  constructor(handle: FileHandle, offset: number, limit: number, tag: number, kernel: Kernel) {
    const window = new SegmentWindow(new Uint8Array(windowBytes));
    window.attach(handle);
    this.dataEnd = offset;
    for (let block = offset; block < limit; block += limits.blockBytes) {
      const length = Math.min(limits.blockBytes, limit - block);
      const at = window.load(block, length, limit);
      if (window.isUnreadable(block, length)) {
        this.#unreadableEnd = block + length;
        this.dataEnd = block + length;
      }
      const used = usedBytes(window, at, length);
      if (used === 0) continue;
      this.dataEnd = Math.max(this.dataEnd, block + used);
      const header = readBatchHeader(window.bytes, window.view, at, kernel);
      if (header?.segmentTag !== tag || block + batchBlockBytes(header.byteLength) > limit)
        continue;
      this.#candidates.push({ offset: block, header });
    }
  }

  /** Is something at or behind `offset` impossible to read? */
  unreadableFrom(offset: number): boolean {
    return this.#unreadableEnd > offset;
  }

  /** The first batch at or behind `offset` with a number above `number`, or null. */
  batchFrom(offset: number, number: number): number | null {
    const found = this.#candidates.find(
      (candidate) => candidate.offset >= offset && candidate.header.number > number,
    );
    return found?.offset ?? null;
  }

  /** The highest log position that a later batch calls synced; 0 when there is none. */
  syncedBehind(offset: number, number: number): number {
    let synced = 0;
    for (const candidate of this.#candidates) {
      if (candidate.offset <= offset || candidate.header.number <= number) continue;
      synced = Math.max(synced, candidate.header.syncedPosition);
    }
    return synced;
  }
}

/** Bytes up to the last nonzero word of a block. */
function usedBytes(window: SegmentWindow, at: number, length: number): number {
  const first = at >>> 2;
  for (let word = ((at + length) >>> 2) - 1; word >= first; word--) {
    if (window.words[word] !== 0) return (word - first + 1) * 4;
  }
  return 0;
}
