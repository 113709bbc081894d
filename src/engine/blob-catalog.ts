/** The blobs that readable values name, as the applied state has them; read on its read handle. */
import type { Kernel } from '../kernel/index.js';
import { type BlobEntry, blobEntries, highestBlob, type KeyValueStore } from '../metadata/index.js';

export class BlobCatalog {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;

  constructor(store: KeyValueStore, kernel: Kernel) {
    this.#store = store;
    this.#kernel = kernel;
  }

  /** Up to `count` blobs behind `after`, in the order of their numbers. Throws THEMIS_STATE_CORRUPT. */
  async list(after: number, count: number): Promise<readonly BlobEntry[]> {
    const found: BlobEntry[] = [];
    for await (const entry of blobEntries(this.#store, this.#kernel, after)) {
      found.push(entry);
      if (found.length >= count) break;
    }
    return found;
  }

  /** The numbers of all of them. */
  async blobs(): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for await (const { blob } of blobEntries(this.#store, this.#kernel, 0)) found.add(blob);
    return found;
  }

  /** The highest number, 0 for none. */
  highest(): Promise<number> {
    return highestBlob(this.#store);
  }
}
