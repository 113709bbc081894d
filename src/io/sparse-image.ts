/**
 * Contents of a file in memory: pages of 4 KiB, absent where all bytes are zero.
 *
 * Invariants:
 * - A page that is in the map is never changed, only replaced: clones share pages.
 * - The map is copied at the first change after a clone, so cloning costs nothing by itself.
 * - No page is all zeros, so a zero-filled segment of 64 MiB costs nothing.
 * - After trim(), bytes past the length are zero.
 */
import { bufferOf } from '../base/index.js';

export const pageBytes = 4_096;
export const pageSectorBytes = 512;
/** The sectors of a whole page, one bit each. */
export const allSectors = 0xff;

const zeroPage = Buffer.alloc(pageBytes);

export class SparseImage {
  #pages = new Map<number, Uint8Array>();
  #shared = false;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clone(): SparseImage {
    const copy = new SparseImage();
    copy.#pages = this.#pages;
    copy.#length = this.#length;
    copy.#shared = true;
    this.#shared = true;
    return copy;
  }

  /** The page's bytes, not to be changed; undefined stands for zeros. */
  page(index: number): Uint8Array | undefined {
    return this.#pages.get(index);
  }

  /** Copies bytes to `target`; returns how many lie before the end of the file. */
  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.#length - position));
    for (let done = 0; done < count; ) {
      const index = Math.floor((position + done) / pageBytes);
      const start = position + done - index * pageBytes;
      const size = Math.min(pageBytes - start, count - done);
      const page = this.#pages.get(index);
      const at = targetOffset + done;
      if (page === undefined) target.fill(0, at, at + size);
      else target.set(page.subarray(start, start + size), at);
      done += size;
    }
    return count;
  }

  /** Replaces bytes inside one page; the length stays. */
  writePage(index: number, start: number, bytes: Uint8Array): void {
    const page = new Uint8Array(pageBytes);
    const old = this.#pages.get(index);
    if (old !== undefined && bytes.length < pageBytes) page.set(old);
    page.set(bytes, start);
    this.#setPage(index, page);
  }

  /** Takes over the sectors of `content` whose bit is in `mask`; the length stays. */
  setSectors(index: number, content: Uint8Array | undefined, mask: number): void {
    if (mask === 0) return;
    if (mask === allSectors) {
      this.#setPage(index, content);
      return;
    }
    const page = new Uint8Array(this.#pages.get(index) ?? zeroPage);
    const source = content ?? zeroPage;
    for (let sector = 0; sector < pageBytes / pageSectorBytes; sector++) {
      if ((mask & (1 << sector)) === 0) continue;
      const start = sector * pageSectorBytes;
      page.set(source.subarray(start, start + pageSectorBytes), start);
    }
    this.#setPage(index, page);
  }

  /** Makes the file at least this long. */
  grow(length: number): void {
    this.#length = Math.max(this.#length, length);
  }

  /** Sets the length and drops what lies behind it. */
  resize(length: number): void {
    const shrinks = length < this.#length;
    this.#length = length;
    if (shrinks) this.trim();
  }

  /** Drops what lies behind the end of the file. */
  trim(): void {
    const wholePages = Math.floor(this.#length / pageBytes);
    const rest = this.#length - wholePages * pageBytes;
    for (const index of this.#pages.keys()) {
      if (index > wholePages || (index === wholePages && rest === 0)) {
        this.#setPage(index, undefined);
      }
    }
    const last = this.#pages.get(wholePages);
    if (last === undefined) return;
    const page = new Uint8Array(pageBytes);
    page.set(last.subarray(0, rest));
    this.#setPage(wholePages, page);
  }

  #setPage(index: number, page: Uint8Array | undefined): void {
    const empty = page === undefined || zeroPage.equals(bufferOf(page));
    if (empty && !this.#pages.has(index)) return;
    if (this.#shared) {
      this.#pages = new Map(this.#pages);
      this.#shared = false;
    }
    if (empty) this.#pages.delete(index);
    else this.#pages.set(index, page);
  }
}
