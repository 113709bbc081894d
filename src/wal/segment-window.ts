/**
 * A window over a segment file that slides forward, so that a scan needs bounded memory and reads
 * every byte about once.
 *
 * What cannot be read (EIO, or the file is shorter than a segment) is zero in the window and known
 * as unreadable: a short file has lost data, because segments have their full size before use.
 */
import { assert, codeOf, viewOf } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle } from '../io/index.js';
import { wordsOf } from './batch.js';

const readAheadBytes = 4 << 20;

export class SegmentWindow {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Uint32Array;
  #handle: FileHandle | null = null;
  #fileBytes = 0;
  #start = 0;
  #end = 0;
  readonly #badBlocks = new Set<number>();

  /** `memory`: at least as long as the longest batch. */
  constructor(memory: Uint8Array) {
    this.bytes = memory.subarray(0, memory.length - (memory.length % limits.blockBytes));
    this.view = viewOf(this.bytes);
    this.words = wordsOf(this.bytes);
  }

  /** Looks at another file from now on; the caller closes it. */
  attach(handle: FileHandle): void {
    this.#handle = handle;
    this.#fileBytes = handle.size();
    this.#start = 0;
    this.#end = 0;
    this.#badBlocks.clear();
  }

  /**
   * Makes file[offset, offset + length) available and returns where in `bytes` it starts. Reads
   * ahead, never past `limit`. `offset` is a multiple of 4 KiB. What was returned before is moved.
   */
  load(offset: number, length: number, limit: number): number {
    assert(
      offset % limits.blockBytes === 0 && length <= this.bytes.length,
      'a range of the window',
    );
    const end = Math.min(limit, offset + length);
    if (offset >= this.#start && end <= this.#end) return offset - this.#start;
    let kept = 0;
    if (offset >= this.#start && offset < this.#end) {
      kept = this.#end - offset;
      this.bytes.copyWithin(0, offset - this.#start, this.#end - this.#start);
    }
    const ahead = Math.max(length, Math.min(readAheadBytes, this.bytes.length));
    const target = Math.min(limit, offset + ahead);
    this.#start = offset;
    this.#end = offset + kept;
    this.#read(kept, offset + kept, target - offset - kept);
    this.#end = target;
    return 0;
  }

  /** Was a part of file[offset, offset + length), which was loaded, impossible to read? */
  isUnreadable(offset: number, length: number): boolean {
    if (offset + length > this.#fileBytes) return true;
    if (this.#badBlocks.size === 0) return false;
    const { blockBytes } = limits;
    const end = Math.ceil((offset + length) / blockBytes);
    for (let block = Math.floor(offset / blockBytes); block < end; block++) {
      if (this.#badBlocks.has(block)) return true;
    }
    return false;
  }

  #read(at: number, offset: number, length: number): void {
    try {
      this.#readRange(at, offset, length);
    } catch (error) {
      if (codeOf(error) !== 'EIO') throw error;
      this.#readBlocks(at, offset, length);
    }
  }

  /** Block by block, so that only what is really unreadable counts as such. */
  #readBlocks(at: number, offset: number, length: number): void {
    for (let done = 0; done < length; done += limits.blockBytes) {
      const part = Math.min(limits.blockBytes, length - done);
      try {
        this.#readRange(at + done, offset + done, part);
      } catch (error) {
        if (codeOf(error) !== 'EIO') throw error;
        this.#badBlocks.add(Math.floor((offset + done) / limits.blockBytes));
        this.bytes.fill(0, at + done, at + done + part);
      }
    }
  }

  #readRange(at: number, offset: number, length: number): void {
    const handle = this.#handle;
    assert(handle !== null, 'a file is attached');
    let done = 0;
    while (done < length) {
      const count = handle.read(this.bytes, at + done, length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    this.bytes.fill(0, at + done, at + length);
  }
}
