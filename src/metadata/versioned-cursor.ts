/**
 * Iterates over the state at a version: the current records of that version or older, and, where a
 * newer one replaced them, the history records that were valid then. Both come in the order of
 * their keys and are merged; a key has at most one of each that counts.
 *
 * Both store iterators are created in one go, current first. The applying thread may write between
 * the two, so the history may be newer: it may then also have what the current records still
 * show, and the current record wins. It cannot lack anything: what the version needs stays in the
 * history while the version is held.
 */

import { compareBytes, ThemisError } from '../base/index.js';
import type { Kernel } from '../kernel/index.js';
import type {
  KeyRange,
  KeyValueEntry,
  KeyValueIterator,
  KeyValueStore,
} from './key-value-store.js';
import type { LiveSnapshots } from './live-snapshots.js';
import {
  historyBound,
  historyBoundAfter,
  historyEnd,
  historyRange,
  toStoredKey,
  toUserKey,
  userKeyOfReserved,
  userKeysEnd,
} from './state-key.js';
import {
  checkCurrent,
  corrupt,
  currentValue,
  decodeHistory,
  recordVersion,
} from './state-record.js';
import type { StoredValue } from './stored-value.js';

export type VersionedEntry = [key: Buffer, value: StoredValue];

/** History entries fetched at a time. */
const historyChunk = 256;

export class VersionedCursor {
  readonly #kernel: Kernel;
  readonly #version: number;
  readonly #reverse: boolean;
  readonly #current: KeyValueIterator;
  readonly #history: KeyValueIterator | null;
  readonly #failed: (error: unknown) => void;
  /** Entries that were read from each side and not yet given out, and whether more may come. */
  #currentAhead: VersionedEntry[] = [];
  #currentDone = false;
  #historyAhead: VersionedEntry[] = [];
  #historyDone = false;
  #closed = false;

  constructor(
    store: KeyValueStore,
    kernel: Kernel,
    live: LiveSnapshots,
    range: KeyRange,
    version: number,
    failed: (error: unknown) => void = () => undefined,
  ) {
    this.#failed = failed;
    this.#kernel = kernel;
    this.#version = version;
    this.#reverse = range.reverse === true;
    this.#current = store.iterate(currentRangeOf(range));
    // Looked up after the snapshot of the current records: history that it needs was announced.
    this.#history = live.historyRecords === 0 ? null : store.iterate(historyRangeOf(range));
  }

  /** Up to `count` further entries, perhaps fewer; none only at the end. One call at a time. */
  async nextv(count: number): Promise<VersionedEntry[]> {
    try {
      return await this.#next(count);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  async #next(count: number): Promise<VersionedEntry[]> {
    if (this.#closed) {
      throw new ThemisError('THEMIS_CLOSED', 'The iterator is closed; create a new one.');
    }
    if (this.#history !== null) return this.#merge(this.#history, count);
    for (;;) {
      const read = await this.#current.nextv(count);
      if (read.length === 0) return [];
      const entries = this.#decodeCurrent(read);
      if (entries.length > 0) return entries;
    }
  }

  /** Goes on at the first key at or after the target (at or before it, in reverse). */
  seek(target: Uint8Array): void {
    this.#currentAhead = [];
    this.#historyAhead = [];
    this.#currentDone = false;
    this.#historyDone = false;
    this.#current.seek(toStoredKey(target));
    this.#history?.seek(this.#reverse ? historyEnd(target) : historyBound(target));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#current.close();
    await this.#history?.close();
  }

  async #merge(history: KeyValueIterator, count: number): Promise<VersionedEntry[]> {
    const entries: VersionedEntry[] = [];
    while (entries.length < count) {
      await this.#fill(history, count);
      const current = this.#currentAhead;
      const old = this.#historyAhead;
      if (current.length === 0 && old.length === 0) break;
      this.#mergeAhead(entries, count);
    }
    return entries;
  }

  /** Reads until each side has something ahead or is at its end. */
  async #fill(history: KeyValueIterator, count: number): Promise<void> {
    while (this.#currentAhead.length === 0 && !this.#currentDone) {
      const read = await this.#current.nextv(count);
      this.#currentDone = read.length === 0;
      this.#currentAhead = this.#decodeCurrent(read);
    }
    while (this.#historyAhead.length === 0 && !this.#historyDone) {
      const read = await history.nextv(historyChunk);
      this.#historyDone = read.length === 0;
      this.#historyAhead = this.#decodeHistory(read);
    }
  }

  /** Gives out the lower of the two heads until one side must be read again. */
  #mergeAhead(entries: VersionedEntry[], count: number): void {
    const current = this.#currentAhead;
    const old = this.#historyAhead;
    let c = 0;
    let h = 0;
    while (entries.length < count) {
      const a = current[c];
      const b = old[h];
      if (a === undefined && (!this.#currentDone || b === undefined)) break;
      if (b === undefined && (!this.#historyDone || a === undefined)) break;
      const order = this.#order(a, b);
      if (order <= 0 && a !== undefined) entries.push(a);
      else if (b !== undefined) entries.push(b);
      if (order <= 0) c++;
      if (order >= 0) h++;
    }
    this.#currentAhead = current.slice(c);
    this.#historyAhead = old.slice(h);
  }

  /** Which head comes first; a side at its end comes last. */
  #order(a: VersionedEntry | undefined, b: VersionedEntry | undefined): number {
    if (a === undefined) return 1;
    if (b === undefined) return -1;
    return this.#reverse ? compareBytes(b[0], a[0]) : compareBytes(a[0], b[0]);
  }

  /** In place: the store's entries become the cursor's, without an array for each. */
  #decodeCurrent(read: KeyValueEntry[]): VersionedEntry[] {
    const kernel = this.#kernel;
    const version = this.#version;
    const decoded: VersionedEntry[] = read;
    let kept = 0;
    for (let i = 0; i < read.length; i++) {
      const entry = read[i] as KeyValueEntry;
      const key = toUserKey(entry[0]);
      const record = entry[1];
      checkCurrent(kernel, key, record);
      if (recordVersion(record) > version) continue;
      const keep: VersionedEntry = entry;
      keep[0] = key;
      keep[1] = currentValue(record);
      decoded[kept++] = keep;
    }
    decoded.length = kept;
    return decoded;
  }

  #decodeHistory(read: readonly KeyValueEntry[]): VersionedEntry[] {
    const entries: VersionedEntry[] = [];
    for (const [stored, record] of read) {
      const key = userKeyOfReserved(stored);
      if (key === null) throw corrupt('the key of a history record', stored);
      const span = decodeHistory(this.#kernel, key, record);
      const valid = span.version <= this.#version && this.#version < span.until;
      if (valid) entries.push([key, span.value]);
    }
    return entries;
  }
}

/** User keys end where reserved ones begin, whatever the range says. */
function currentRangeOf(range: KeyRange): KeyRange {
  const { gte, gt, lt, lte } = range;
  return {
    ...(gte !== undefined && { gte: toStoredKey(gte) }),
    ...(gt !== undefined && { gt: toStoredKey(gt) }),
    ...(lte !== undefined && { lte: toStoredKey(lte) }),
    ...(lte === undefined && { lt: lt === undefined ? userKeysEnd : toStoredKey(lt) }),
    reverse: range.reverse,
  };
}

function historyRangeOf(range: KeyRange): KeyRange {
  const { gte, gt, lt, lte } = range;
  let from: Uint8Array = historyRange.gte;
  if (gte !== undefined) from = historyBound(gte);
  else if (gt !== undefined) from = historyBoundAfter(gt);
  let to: Uint8Array = historyRange.lt;
  if (lte !== undefined) to = historyBoundAfter(lte);
  else if (lt !== undefined) to = historyBound(lt);
  return { gte: from, lt: to, reverse: range.reverse };
}
