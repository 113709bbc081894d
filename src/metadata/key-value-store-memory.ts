/**
 * The store in memory: ordered, deterministic, and forgetful in the way that a disk may be.
 *
 * `crash(path, kept)` closes every handle and keeps what the last synced batch made durable, plus
 * the first `kept` of the batches written since: batches are lost from the end only.
 *
 * Contents are two parallel sorted arrays that nobody changes once an iterator or a durable copy
 * refers to them: the next write copies them first.
 */
import { assert, compareBytes, ThemisError } from '../base/index.js';
import type {
  KeyRange,
  KeyValueBatch,
  KeyValueEntry,
  KeyValueIterator,
  KeyValueStore,
  KeyValueStores,
} from './key-value-store.js';

interface Contents {
  readonly keys: Uint8Array[];
  readonly values: Uint8Array[];
}

interface Operation {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export class MemoryStores implements KeyValueStores {
  readonly #folders = new Map<string, MemoryFolder>();

  async open(path: string): Promise<KeyValueStore> {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = new MemoryFolder();
      this.#folders.set(path, folder);
    }
    if (folder.refusal !== null) throw folder.refusal;
    return new MemoryStore(folder);
  }

  exists(path: string): boolean {
    return this.#folders.has(path);
  }

  rename(from: string, to: string): void {
    const folder = this.#folders.get(from);
    assert(folder !== undefined && !this.#folders.has(to), 'a folder is renamed to a free name');
    this.#folders.set(to, folder);
    this.#folders.delete(from);
  }

  remove(path: string): void {
    this.#folders.delete(path);
  }

  /** Batches that a crash now could lose. */
  unsynced(path: string): number {
    return this.#folder(path).unsynced();
  }

  crash(path: string, kept: number): void {
    this.#folder(path).crash(kept);
  }

  /**
   * What a power cut now may leave: every folder with the first `kept` of its unsynced batches.
   * This one stays as it is.
   */
  crashed(kept: (path: string, unsynced: number) => number): MemoryStores {
    const result = new MemoryStores();
    for (const [path, folder] of this.#folders) {
      result.#folders.set(path, folder.crashed(kept(path, folder.unsynced())));
    }
    return result;
  }

  /** Replaces a stored value by what `damage` makes of it, unnoticed, as a bad disk would. */
  damage(path: string, key: Uint8Array, damage: (value: Uint8Array) => Uint8Array): void {
    this.#folder(path).damage(key, damage);
  }

  /** Makes opening fail with this error, as damaged files would; null heals it. */
  refuse(path: string, error: ThemisError | null): void {
    this.#folder(path).refusal = error;
  }

  #folder(path: string): MemoryFolder {
    const folder = this.#folders.get(path);
    assert(folder !== undefined, `the memory store has a folder ${path}`);
    return folder;
  }
}

class MemoryFolder {
  refusal: ThemisError | null = null;
  /** Counts crashes; a handle of an earlier life is dead. */
  life = 0;
  #contents: Contents = { keys: [], values: [] };
  #durable: Contents = this.#contents;
  #shared = true;
  #journal: (readonly Operation[])[] = [];

  share(): Contents {
    this.#shared = true;
    return this.#contents;
  }

  find(key: Uint8Array): Uint8Array | undefined {
    const at = lowerBound(this.#contents.keys, key);
    const found = this.#contents.keys[at];
    if (found === undefined || compareBytes(found, key) !== 0) return undefined;
    return this.#contents.values[at];
  }

  write(operations: readonly Operation[], sync: boolean): void {
    this.#apply(operations);
    this.#journal.push(operations);
    if (!sync) return;
    this.#durable = this.share();
    this.#journal = [];
  }

  unsynced(): number {
    return this.#journal.length;
  }

  crashed(kept: number): MemoryFolder {
    const result = new MemoryFolder();
    result.refusal = this.refusal;
    result.#contents = this.#durable;
    result.#journal = this.#journal.slice();
    result.#durable = this.#durable;
    result.crash(kept);
    return result;
  }

  crash(kept: number): void {
    const journal = this.#journal;
    assert(kept >= 0 && kept <= journal.length, 'a crash keeps some of the unsynced batches');
    this.life++;
    this.#contents = this.#durable;
    this.#shared = true;
    for (const operations of journal.slice(0, kept)) this.#apply(operations);
    this.#durable = this.share();
    this.#journal = [];
  }

  damage(key: Uint8Array, damage: (value: Uint8Array) => Uint8Array): void {
    const value = this.find(key);
    assert(value !== undefined, 'damage is done to a key that is there');
    this.#apply([{ key, value: damage(Uint8Array.from(value)) }]);
    this.#durable = this.share();
    this.#journal = [];
  }

  #apply(operations: readonly Operation[]): void {
    if (this.#shared) {
      this.#contents = { keys: this.#contents.keys.slice(), values: this.#contents.values.slice() };
      this.#shared = false;
    }
    const { keys, values } = this.#contents;
    for (const { key, value } of operations) {
      const at = lowerBound(keys, key);
      const found = keys[at];
      const present = found !== undefined && compareBytes(found, key) === 0;
      if (value === null) {
        if (!present) continue;
        keys.splice(at, 1);
        values.splice(at, 1);
      } else if (present) {
        values[at] = value;
      } else {
        keys.splice(at, 0, key);
        values.splice(at, 0, value);
      }
    }
  }
}

class MemoryStore implements KeyValueStore {
  readonly #folder: MemoryFolder;
  readonly #life: number;
  #open = true;

  constructor(folder: MemoryFolder) {
    this.#folder = folder;
    this.#life = folder.life;
  }

  batch(): KeyValueBatch {
    this.#check();
    return new MemoryBatch();
  }

  async write(batch: KeyValueBatch, options: { readonly sync: boolean }): Promise<void> {
    this.#check();
    assert(batch instanceof MemoryBatch, 'a batch is written to a store of its kind');
    this.#folder.write(batch.operations.slice(), options.sync);
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    return this.getSync(key);
  }

  getSync(key: Uint8Array): Buffer | undefined {
    this.#check();
    const value = this.#folder.find(key);
    return value === undefined ? undefined : Buffer.from(value);
  }

  async getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]> {
    return keys.map((key) => this.getSync(key));
  }

  iterate(range: KeyRange): KeyValueIterator {
    this.#check();
    return new MemoryIterator(this.#folder.share(), range, () => this.#check());
  }

  async clear(range: KeyRange): Promise<void> {
    this.#check();
    const { keys } = this.#folder.share();
    const [from, to] = bounds(keys, range);
    const removed = keys.slice(from, to).map((key) => ({ key, value: null }));
    this.#folder.write(removed, false);
  }

  async close(): Promise<void> {
    this.#open = false;
  }

  #check(): void {
    if (this.#open && this.#life === this.#folder.life) return;
    throw new ThemisError(
      'THEMIS_CLOSED',
      'The state is closed; open the engine again to read it.',
    );
  }
}

class MemoryBatch implements KeyValueBatch {
  readonly operations: Operation[] = [];

  put(key: Uint8Array, value: Uint8Array): void {
    this.operations.push({ key: Uint8Array.from(key), value: Uint8Array.from(value) });
  }

  delete(key: Uint8Array): void {
    this.operations.push({ key: Uint8Array.from(key), value: null });
  }

  clear(): void {
    this.operations.length = 0;
  }
}

class MemoryIterator implements KeyValueIterator {
  readonly #contents: Contents;
  readonly #check: () => void;
  readonly #range: KeyRange;
  readonly #reverse: boolean;
  readonly #from: number;
  readonly #to: number;
  /** Entries before it are done; in reverse, those at or after it. */
  #at: number;
  #open = true;

  constructor(contents: Contents, range: KeyRange, check: () => void) {
    this.#contents = contents;
    this.#check = check;
    this.#range = range;
    this.#reverse = range.reverse === true;
    [this.#from, this.#to] = bounds(contents.keys, range);
    this.#at = this.#reverse ? this.#to : this.#from;
  }

  async nextv(count: number): Promise<KeyValueEntry[]> {
    this.#check();
    if (!this.#open) {
      throw new ThemisError('THEMIS_CLOSED', 'The iterator is closed; create a new one.');
    }
    const entries: KeyValueEntry[] = [];
    while (entries.length < Math.max(count, 1)) {
      if (this.#reverse ? this.#at <= this.#from : this.#at >= this.#to) break;
      const at = this.#reverse ? --this.#at : this.#at++;
      const key = this.#contents.keys[at] as Uint8Array;
      const value = this.#contents.values[at] as Uint8Array;
      entries.push([Buffer.from(key), Buffer.from(value)]);
    }
    return entries;
  }

  seek(target: Uint8Array): void {
    const keys = this.#contents.keys;
    // As in LevelDB's twin, a target outside the range ends the iteration.
    if (isOutside(target, this.#range)) this.#at = this.#reverse ? this.#from : this.#to;
    else this.#at = this.#reverse ? upperBound(keys, target) : lowerBound(keys, target);
  }

  async close(): Promise<void> {
    this.#open = false;
  }
}

function isOutside(target: Uint8Array, range: KeyRange): boolean {
  if (range.lte !== undefined) {
    if (compareBytes(target, range.lte) > 0) return true;
  } else if (range.lt !== undefined) {
    if (compareBytes(target, range.lt) >= 0) return true;
  }
  if (range.gte !== undefined) return compareBytes(target, range.gte) < 0;
  return range.gt !== undefined && compareBytes(target, range.gt) <= 0;
}

/** The entries of a range as [from, to). */
function bounds(keys: readonly Uint8Array[], range: KeyRange): [number, number] {
  let from = 0;
  if (range.gte !== undefined) from = lowerBound(keys, range.gte);
  else if (range.gt !== undefined) from = upperBound(keys, range.gt);
  let to = keys.length;
  if (range.lte !== undefined) to = upperBound(keys, range.lte);
  else if (range.lt !== undefined) to = lowerBound(keys, range.lt);
  return [from, Math.max(from, to)];
}

/** Index of the first key that is not below the target. */
function lowerBound(keys: readonly Uint8Array[], target: Uint8Array): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle] as Uint8Array, target) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first key that is above the target. */
function upperBound(keys: readonly Uint8Array[], target: Uint8Array): number {
  const at = lowerBound(keys, target);
  const found = keys[at];
  return found !== undefined && compareBytes(found, target) === 0 ? at + 1 : at;
}
