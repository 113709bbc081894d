/**
 * A file of the memory file system: what processes see, what the disk holds, and in between.
 *
 *   live     what reads return: all writes
 *   durable  what survives a power cut for certain: all that was synced
 *   pending  what a power cut may or may not leave, oldest first
 *
 * A pending write is one page's content and a mask of the sectors (512 bytes) that the write
 * touched; each sector may reach the disk alone and in any order, at any of its versions, and
 * the length apart from it. A pending resize is journalled: it reaches the disk after
 * all earlier resizes, and no write made after it gets there before it.
 */
import type { RandomStream } from './random.js';
import { pageBytes, pageSectorBytes, SparseImage } from './sparse-image.js';

type PendingChange =
  | {
      readonly kind: 'write';
      readonly page: number;
      readonly content: Uint8Array | undefined;
      readonly mask: number;
      /** The file is at least this long once the write is complete. */
      readonly length: number;
    }
  | { readonly kind: 'resize'; readonly length: number };

type PendingWrite = Extract<PendingChange, { kind: 'write' }>;

/**
 * What a power cut leaves of unsynced changes: all of them, none, or chosen by the stream.
 * `keep` is the probability of each sector, length and name; by default drawn per crash.
 */
export type CrashChoice =
  | 'keep-all'
  | 'drop-unsynced'
  | { readonly random: RandomStream; readonly keep?: number };

/** A choice with its probability drawn. */
export type SettledChoice =
  | 'keep-all'
  | 'drop-unsynced'
  | { readonly random: RandomStream; readonly keep: number };

/** Versions of one page remembered in a row; the ones between are forgotten first. */
const versionsMax = 8;

export class MemoryFile {
  readonly kind = 'file';
  openHandles = 0;
  /** False once no folder names the file; its space is free after the last close. */
  linked = true;
  #live = new SparseImage();
  #durable = new SparseImage();
  #pending: PendingChange[] = [];
  #lastPageRun = 0;

  get length(): number {
    return this.#live.length;
  }

  clone(): MemoryFile {
    const copy = new MemoryFile();
    copy.linked = this.linked;
    copy.#live = this.#live.clone();
    copy.#durable = this.#durable.clone();
    copy.#pending = this.#pending.slice();
    return copy;
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    return this.#live.read(target, targetOffset, length, position);
  }

  /** Writes to the cache. */
  write(bytes: Uint8Array, position: number): void {
    for (const change of this.#writeLive(bytes, position)) this.#addPending(change);
  }

  /** Writes through: these sectors, the length up to their end, and all earlier resizes. */
  writeDurable(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    const lastResize = this.#pending.findLastIndex((change) => change.kind === 'resize');
    for (const change of this.#pending.splice(0, lastResize + 1)) {
      apply(this.#durable, change);
    }
    const changes = this.#writeLive(bytes, position);
    this.#forgetOlderVersions(changes);
    for (const change of changes) apply(this.#durable, change);
  }

  resize(length: number): void {
    this.#live.resize(length);
    this.#pending.push({ kind: 'resize', length });
    this.#lastPageRun = 0;
  }

  sync(): void {
    for (const change of this.#pending) apply(this.#durable, change);
    this.#pending = [];
    this.#lastPageRun = 0;
  }

  /**
   * What a kernel does when writing back fails: the pages count as clean from now on. Reads still
   * see them, the next sync succeeds without them. Lengths stay pending, they are journalled.
   */
  loseUnsynced(): void {
    this.#pending = this.#pending.map((change) =>
      change.kind === 'write' ? { ...change, content: undefined, mask: 0 } : change,
    );
    this.#lastPageRun = 0;
  }

  /** Makes this file what a power cut leaves of it. */
  settle(choice: SettledChoice): void {
    this.#durable = leftBy(choice, this.#durable, this.#pending);
    this.#live = this.#durable.clone();
    this.#pending = [];
    this.#lastPageRun = 0;
  }

  /** Changes bytes on the disk and in the cache at once, as damage does. */
  overwrite(bytes: Uint8Array, position: number): void {
    for (const image of [this.#live, this.#durable]) {
      for (const piece of piecesOf(bytes, position)) {
        image.writePage(piece.page, piece.start, piece.bytes);
      }
    }
  }

  /** Inverts bits of one byte, on the disk and in the cache, whatever each holds. */
  flip(position: number, mask: number): void {
    const page = Math.floor(position / pageBytes);
    const start = position - page * pageBytes;
    for (const image of [this.#live, this.#durable]) {
      if (position >= image.length) continue;
      const old = image.page(page)?.[start] ?? 0;
      image.writePage(page, start, Uint8Array.of(old ^ mask));
    }
  }

  /** Replaces everything by what another file shows, durably. */
  become(other: MemoryFile): void {
    this.#live = other.#live.clone();
    this.#durable = other.#live.clone();
    this.#pending = [];
  }

  #writeLive(bytes: Uint8Array, position: number): PendingWrite[] {
    const changes: PendingWrite[] = [];
    const end = position + bytes.length;
    for (const piece of piecesOf(bytes, position)) {
      const wasZero = this.#live.page(piece.page) === undefined;
      this.#live.writePage(piece.page, piece.start, piece.bytes);
      const content = this.#live.page(piece.page);
      const length = Math.min(end, (piece.page + 1) * pageBytes);
      // Zeros over zeros change only the length; segments of zeros would fill the list.
      const unchanged = wasZero && content === undefined && !this.#durable.page(piece.page);
      if (unchanged && length < end) continue;
      const mask = unchanged ? 0 : sectorMask(piece.start, piece.bytes.length);
      changes.push({ kind: 'write', page: piece.page, content, mask, length });
    }
    if (bytes.length > 0) this.#live.grow(end);
    return changes;
  }

  #addPending(change: PendingWrite): void {
    const last = this.#pending.at(-1);
    if (last?.kind !== 'write' || last.page !== change.page) {
      this.#lastPageRun = 1;
      this.#pending.push(change);
    } else if (this.#lastPageRun < versionsMax) {
      this.#lastPageRun += 1;
      this.#pending.push(change);
    } else {
      const length = Math.max(last.length, change.length);
      this.#pending[this.#pending.length - 1] = {
        ...change,
        mask: change.mask | last.mask,
        length,
      };
    }
  }

  /** An older pending version must not reach the disk after a newer one that is there. */
  #forgetOlderVersions(changes: readonly PendingWrite[]): void {
    if (this.#pending.length === 0) return;
    const written = new Map(changes.map((change) => [change.page, change.mask]));
    this.#pending = this.#pending.map((change) =>
      change.kind === 'write'
        ? { ...change, mask: change.mask & ~(written.get(change.page) ?? 0) }
        : change,
    );
  }
}

/** The disk's image after a power cut. Sectors may hold more than the length that made it. */
function leftBy(
  choice: SettledChoice,
  durable: SparseImage,
  pending: readonly PendingChange[],
): SparseImage {
  const image = durable.clone();
  if (choice === 'keep-all') {
    for (const change of pending) apply(image, change);
  } else if (choice !== 'drop-unsynced') {
    applySome(image, pending, choice.random, choice.keep);
  }
  image.trim();
  return image;
}

function apply(image: SparseImage, change: PendingChange): void {
  if (change.kind === 'resize') {
    image.resize(change.length);
    // Sectors may have come without the length that they belong to: they are cut off as well.
    image.trim();
  } else {
    image.setSectors(change.page, change.content, change.mask);
    image.grow(change.length);
  }
}

function applySome(
  image: SparseImage,
  pending: readonly PendingChange[],
  random: RandomStream,
  keep: number,
): void {
  const resizes = pending.filter((change) => change.kind === 'resize').length;
  let resizesLeft = resizes === 0 || random.chance(keep) ? resizes : random.below(resizes);
  for (const change of pending) {
    if (change.kind === 'resize') {
      if (resizesLeft === 0) return;
      resizesLeft -= 1;
      apply(image, change);
      continue;
    }
    let mask = 0;
    for (let bits = change.mask; bits !== 0; bits &= bits - 1) {
      if (random.chance(keep)) mask |= bits & -bits;
    }
    image.setSectors(change.page, change.content, mask);
    if (random.chance(keep)) image.grow(change.length);
  }
}

function piecesOf(
  bytes: Uint8Array,
  position: number,
): { readonly page: number; readonly start: number; readonly bytes: Uint8Array }[] {
  const pieces = [];
  for (let done = 0; done < bytes.length; ) {
    const page = Math.floor((position + done) / pageBytes);
    const start = position + done - page * pageBytes;
    const size = Math.min(pageBytes - start, bytes.length - done);
    pieces.push({ page, start, bytes: bytes.subarray(done, done + size) });
    done += size;
  }
  return pieces;
}

/** One bit for each sector that the bytes touch. */
function sectorMask(start: number, length: number): number {
  const first = Math.floor(start / pageSectorBytes);
  const last = Math.floor((start + length - 1) / pageSectorBytes);
  return (1 << (last + 1)) - (1 << first);
}
