/** Cursors over the state as the store hands them out: at once, held, or behind what is applied. */
import { isThemisError } from '../base/index.js';
import type { StoredValue, VersionedCursor } from '../metadata/index.js';

export interface StoreCursor {
  /** Up to `count` further entries; none only at the end. Values may be those of `Store.whole`. */
  nextv(count: number): Promise<[Uint8Array, StoredValue][]>;
  seek(target: Uint8Array): void;
  close(): Promise<void>;
}

/** A cursor whose version is held until it is closed. */
export class HoldingCursor implements StoreCursor {
  readonly #cursor: StoreCursor;
  readonly #release: () => void;

  constructor(cursor: StoreCursor, release: () => void) {
    this.#cursor = cursor;
    this.#release = release;
  }

  nextv(count: number): Promise<[Uint8Array, StoredValue][]> {
    return this.#cursor.nextv(count);
  }

  seek(target: Uint8Array): void {
    this.#cursor.seek(target);
  }

  async close(): Promise<void> {
    try {
      await this.#cursor.close();
    } finally {
      this.#release();
    }
  }
}

/** A cursor whose state is still being applied. */
export class WaitingCursor implements StoreCursor {
  readonly #opened: Promise<VersionedCursor>;
  readonly #failed: (error: unknown) => void;
  #target: Uint8Array | null = null;

  constructor(opened: Promise<VersionedCursor>, failed: (error: unknown) => void) {
    this.#opened = opened;
    this.#failed = failed;
    // A cursor that is closed unread must not leave a rejection behind; readers see it in nextv.
    opened.catch(ignoreClosed);
  }

  async nextv(count: number): Promise<[Uint8Array, StoredValue][]> {
    const cursor = await this.#opened.catch((error: unknown) => {
      this.#failed(error);
      throw error;
    });
    if (this.#target !== null) cursor.seek(this.#target);
    this.#target = null;
    return cursor.nextv(count);
  }

  seek(target: Uint8Array): void {
    this.#target = target;
  }

  async close(): Promise<void> {
    const cursor = await this.#opened.catch(ignoreClosed);
    await cursor?.close();
  }
}

/** For waits that a failure or a close ends: the error reaches whoever depends on the result. */
function ignoreClosed(error: unknown): undefined {
  if (isThemisError(error)) return undefined;
  throw error;
}
