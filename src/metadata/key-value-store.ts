/**
 * The store under the applied state: ordered bytes to bytes, atomic batches, snapshots.
 *
 * What every implementation owes:
 * - A batch is written whole or not at all, and batches survive a crash in order: if one is there,
 *   so are all before it. Every batch up to the last one written with `sync` is there.
 * - A read sees the store as it was when the call was made, and an iterator as it was when it was
 *   created, whatever is written meanwhile, by this handle or by another of the same folder.
 * - Keys are ordered bytewise; the empty key is a key. Bytes that come out belong to the caller.
 *
 * Several handles may be open on one folder, one in each thread that uses it.
 */
export interface KeyValueStore {
  /** A batch that belongs to this store; may be cleared and used again after its write. */
  batch(): KeyValueBatch;
  write(batch: KeyValueBatch, options: { readonly sync: boolean }): Promise<void>;
  get(key: Uint8Array): Promise<Buffer | undefined>;
  getSync(key: Uint8Array): Buffer | undefined;
  getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]>;
  iterate(range: KeyRange): KeyValueIterator;
  /** Removes every key of the range; not atomic. */
  clear(range: KeyRange): Promise<void>;
  /** Waits for what is under way. Later calls throw THEMIS_CLOSED. */
  close(): Promise<void>;
}

export interface KeyValueBatch {
  /** Copies both before it returns, so that the caller may use the bytes again. */
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  clear(): void;
}

/** Where both `gte` and `gt` (or `lte` and `lt`) are given, the inclusive one counts. */
export interface KeyRange {
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly lte?: Uint8Array;
  readonly reverse?: boolean | undefined;
}

export type KeyValueEntry = [key: Buffer, value: Buffer];

export interface KeyValueIterator {
  /** Up to `count` further entries, perhaps fewer; none only at the end. One call at a time. */
  nextv(count: number): Promise<KeyValueEntry[]>;
  /** Continues at the first entry at or after `target` (before it, in reverse), if in range. */
  seek(target: Uint8Array): void;
  close(): Promise<void>;
}

/** The folders that stores live in. */
export interface KeyValueStores {
  /** Opens the folder's store; creates an empty one when there is none. */
  open(path: string): Promise<KeyValueStore>;
  exists(path: string): boolean;
  /** Renames a folder whose handles are all closed. */
  rename(from: string, to: string): void;
  /** Removes a folder whose handles are all closed; nothing happens when it is absent. */
  remove(path: string): void;
}
