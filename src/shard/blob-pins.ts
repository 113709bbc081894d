/**
 * Which blobs may not be forgotten yet: those that a reader or a snapshot still needs although the
 * state does not.
 */
import { assert } from '../base/index.js';

/** A blob, and how many stripes and fragments of each it has. */
export interface BlobExtent {
  readonly blob: number;
  readonly stripes: number;
  readonly width: number;
}

export class BlobPins {
  readonly #counts = new Map<number, number>();
  /** Pinned blobs that are to be forgotten when the last pin goes. */
  readonly #dying = new Map<number, BlobExtent>();
  readonly #forget: (extent: BlobExtent) => void;

  constructor(forget: (extent: BlobExtent) => void) {
    this.#forget = forget;
  }

  isPinned(blob: number): boolean {
    return this.#counts.has(blob);
  }

  /** Pins are counted. */
  pin(blob: number): void {
    this.#counts.set(blob, (this.#counts.get(blob) ?? 0) + 1);
  }

  unpin(blob: number): void {
    const count = this.#counts.get(blob);
    assert(count !== undefined, 'what is unpinned was pinned');
    if (count > 1) {
      this.#counts.set(blob, count - 1);
      return;
    }
    this.#counts.delete(blob);
    const dying = this.#dying.get(blob);
    if (dying === undefined) return;
    this.#dying.delete(blob);
    this.#forget(dying);
  }

  /** Forgets a blob as soon as nothing pins it. */
  release(extent: BlobExtent): void {
    if (this.#counts.has(extent.blob)) this.#dying.set(extent.blob, extent);
    else this.#forget(extent);
  }
}
