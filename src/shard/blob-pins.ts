/**
 * Which blobs may not be forgotten yet: those that a reader or a snapshot still needs although the
 * state does not.
 */
import { assert } from '../base/index.js';

export class BlobPins {
  readonly #counts = new Map<number, number>();
  /** Pinned blobs that are to be forgotten when the last pin goes. */
  readonly #dying = new Set<number>();
  readonly #forget: (blob: number) => void;

  constructor(forget: (blob: number) => void) {
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
    if (this.#dying.delete(blob)) this.#forget(blob);
  }

  /** Forgets a blob as soon as nothing pins it. */
  release(blob: number): void {
    if (this.#counts.has(blob)) this.#dying.add(blob);
    else this.#forget(blob);
  }
}
