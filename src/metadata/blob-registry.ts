/**
 * Which blobs some readable value of the state names: the proof by which everything else on the
 * devices is garbage.
 *
 * Per blob the store has one record (FF 'b'), written and removed in the same batches as the values
 * themselves. A blob is in it as long as the current value of its key or a history record holds its
 * manifest. When the last of them goes, the blob has died; whoever keeps the fragments is told
 * after the batch was written.
 *
 * To notice a death, the value that a write replaces must be looked at. Nearly no write replaces a
 * blob, so the hashes of the keys that hold one are kept in memory: only a write to such a key (or
 * to one whose hash is the same) costs a read.
 */
import type { Kernel } from '../kernel/index.js';
import { KeyHashes } from './key-hashes.js';
import type { KeyValueBatch, KeyValueStore } from './key-value-store.js';
import { blobKey, blobOfKey, blobRange } from './state-key.js';
import { type BlobEntry, corrupt, decodeBlobEntry, encodeBlobEntry } from './state-record.js';
import { BlobReference } from './stored-value.js';

/** Records that are read in one call. */
const readAhead = 256;

export class BlobRegistry {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;
  readonly #keys = new KeyHashes();
  #died: BlobReference[] = [];

  constructor(store: KeyValueStore, kernel: Kernel) {
    this.#store = store;
    this.#kernel = kernel;
  }

  /** Blobs in the registry. */
  get size(): number {
    return this.#keys.size;
  }

  /** Before anything is applied: learns which keys hold blobs. */
  async load(): Promise<void> {
    for await (const { key } of blobEntries(this.#store, this.#kernel, 0)) {
      this.#keys.add(this.#hashOf(key));
    }
  }

  /** False when the key's value is certainly none of a blob. The hash is the CRC32C of the key. */
  mayHold(keyCrc: number): boolean {
    return this.#keys.size > 0 && this.#keys.has(keyCrc);
  }

  add(batch: KeyValueBatch, key: Uint8Array, manifest: Uint8Array, blob: number): void {
    this.#keys.add(this.#hashOf(key));
    batch.put(blobKey(blob), encodeBlobEntry(this.#kernel, blob, key, manifest));
  }

  /** The last value that named the blob goes with this batch. */
  remove(batch: KeyValueBatch, key: Uint8Array, reference: BlobReference): void {
    this.#keys.remove(this.#hashOf(key));
    batch.delete(blobKey(reference.blob));
    this.#died.push(reference);
  }

  /** A blob whose value was replaced before it was ever written. */
  neverAdded({ manifest }: BlobReference): void {
    // The ring, where it lies, is used again.
    this.#died.push(new BlobReference(Buffer.from(manifest)));
  }

  /** The blobs that died since the last call. */
  takeDied(): BlobReference[] {
    const died = this.#died;
    if (died.length > 0) this.#died = [];
    return died;
  }

  #hashOf(key: Uint8Array): number {
    return this.#kernel.crc32c(key, 0, key.length, 0);
  }
}

/** The registry's entries behind `after`, in the order of their numbers. */
export async function* blobEntries(
  store: KeyValueStore,
  kernel: Kernel,
  after: number,
): AsyncGenerator<BlobEntry, void, undefined> {
  const iterator = store.iterate({ gt: blobKey(after), lt: blobRange.lt });
  try {
    for (;;) {
      const entries = await iterator.nextv(readAhead);
      if (entries.length === 0) return;
      for (const [stored, record] of entries) {
        const blob = blobOfKey(stored);
        if (blob === null) throw corrupt('the key of a blob', stored);
        yield decodeBlobEntry(kernel, blob, record);
      }
    }
  } finally {
    await iterator.close();
  }
}

/** The highest number in the registry, 0 for none. */
export async function highestBlob(store: KeyValueStore): Promise<number> {
  const iterator = store.iterate({ ...blobRange, reverse: true });
  try {
    const [entry] = await iterator.nextv(1);
    return entry === undefined ? 0 : (blobOfKey(entry[0]) ?? 0);
  } finally {
    await iterator.close();
  }
}
