/**
 * The history side of applying: keeps the values that live snapshots still read, and removes them
 * when none does.
 *
 * Per key the store has a list of the versions in the history (FF 'i') and one history record for
 * each (FF 'h'). Readers find a version through the list, with exact lookups only. The list is
 * read and rewritten when a version is added, and drops what nobody needs any more on the way, so
 * it never holds more versions than there are live snapshots.
 *
 * Blobs that a value names live as long as the value, in the state or in the history; the registry
 * is told when that ends.
 */
import { bufferOf } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import type { BlobRegistry } from './blob-registry.js';
import {
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
} from './command.js';
import type { KeyValueBatch, KeyValueStore } from './key-value-store.js';
import { type LiveSnapshots, someVersionIn } from './live-snapshots.js';
import type { OperationGroup } from './operation-group.js';
import {
  blobKey,
  historyKey,
  historyRange,
  toStoredKey,
  userKeyOfReserved,
  versionsKey,
  versionsRange,
} from './state-key.js';
import {
  checkCurrent,
  corrupt,
  currentValue,
  decodeHistory,
  decodeVersions,
  encodeHistory,
  encodeVersions,
  recordVersion,
  type VersionSpan,
} from './state-record.js';
import { BlobReference, type StoredValue } from './stored-value.js';

/** A value that was the current one until a batch replaced it. */
interface Replaced extends VersionSpan {
  readonly value: Uint8Array;
}

/** A value on its way out of the state, and whether the store has it. */
interface Passing {
  readonly version: number;
  readonly value: StoredValue | null;
  readonly isStored: boolean;
}

interface KeyHistory {
  readonly key: Uint8Array;
  readonly replaced: readonly Replaced[];
}

export interface HistoryWriterOptions {
  readonly store: KeyValueStore;
  readonly kernel: Kernel;
  readonly liveSnapshots: LiveSnapshots;
  readonly registry: BlobRegistry;
}

export class HistoryWriter {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;
  readonly #live: LiveSnapshots;
  readonly #registry: BlobRegistry;
  /** History records in the store. */
  #count = 0;
  /** Where pruning goes on. */
  #pruneFrom: Uint8Array = versionsRange.gte;
  /** History records that name a blob, and those of them that were dropped in this step. */
  #blobs = 0;
  #dropped: { readonly key: Uint8Array; readonly version: number }[] = [];

  constructor(options: HistoryWriterOptions) {
    this.#store = options.store;
    this.#kernel = options.kernel;
    this.#live = options.liveSnapshots;
    this.#registry = options.registry;
  }

  /**
   * Adds to the batch what a sorted group replaces and a live snapshot needs; blobs that are
   * replaced and that none needs are taken out of the registry.
   */
  async write(group: OperationGroup, batch: KeyValueBatch, live: Float64Array): Promise<void> {
    const histories = await this.#replacedBy(group, batch, live);
    if (histories.length === 0) return;
    const lists = await this.#store.getMany(histories.map(({ key }) => versionsKey(key)));
    let added = 0;
    histories.forEach(({ key, replaced }, i) => {
      const list = lists[i];
      const spans = list === undefined ? [] : decodeVersions(this.#kernel, key, list);
      const kept = this.#dropUnneeded(batch, key, spans, live);
      added += kept.length - spans.length + replaced.length;
      for (const old of replaced) {
        batch.put(historyKey(key, old.version), encodeHistory(this.#kernel, key, old, old.value));
        if (old.isBlob) this.#blobs++;
      }
      batch.put(versionsKey(key), encodeVersions(this.#kernel, key, [...kept, ...replaced]));
    });
    await this.#removeDropped(batch);
    this.#count += added;
    // Before the batch is written: who sees its records must know that there is history.
    if (added > 0) this.#live.setHistoryRecords(this.#count);
  }

  /** One step of removing what no live snapshot needs; true when there is more to look at. */
  async prune(): Promise<boolean> {
    if (this.#count === 0) return false;
    const live = this.#live.versions();
    if (live.length === 0) {
      await this.#removeBlobs();
      await this.#store.clear(versionsRange);
      await this.#store.clear(historyRange);
      this.#count = 0;
      this.#live.setHistoryRecords(0);
      this.#pruneFrom = versionsRange.gte;
      return false;
    }
    return this.#pruneSome(live);
  }

  async #pruneSome(live: Float64Array): Promise<boolean> {
    const iterator = this.#store.iterate({ gte: this.#pruneFrom, lt: versionsRange.lt });
    const batch = this.#store.batch();
    let seen = 0;
    let dropped = 0;
    let done = false;
    try {
      while (!done && seen < limits.pruneRecordsMax) {
        const entries = await iterator.nextv(limits.pruneRecordsMax - seen);
        done = entries.length === 0;
        seen += entries.length;
        for (const [stored, record] of entries) {
          dropped += this.#pruneKey(batch, stored, record, live);
          this.#pruneFrom = after(stored);
        }
      }
    } finally {
      await iterator.close();
    }
    await this.#removeDropped(batch);
    if (dropped > 0) await this.#store.write(batch, { sync: false });
    this.#count -= dropped;
    this.#live.setHistoryRecords(this.#count);
    if (done) this.#pruneFrom = versionsRange.gte;
    return !done;
  }

  #pruneKey(batch: KeyValueBatch, stored: Buffer, record: Buffer, live: Float64Array): number {
    const key = userKeyOfReserved(stored);
    if (key === null) throw corrupt('the key of the list of versions', stored);
    const spans = decodeVersions(this.#kernel, key, record);
    const kept = this.#dropUnneeded(batch, key, spans, live);
    if (kept.length === spans.length) return 0;
    if (kept.length === 0) batch.delete(stored);
    else batch.put(stored, encodeVersions(this.#kernel, key, kept));
    return spans.length - kept.length;
  }

  #dropUnneeded(
    batch: KeyValueBatch,
    key: Uint8Array,
    spans: readonly VersionSpan[],
    live: Float64Array,
  ): VersionSpan[] {
    return spans.filter((span) => {
      const needed = someVersionIn(live, span.version, span.until);
      if (needed) return true;
      batch.delete(historyKey(key, span.version));
      if (span.isBlob) this.#dropped.push({ key, version: span.version });
      return false;
    });
  }

  /** Takes the blobs of dropped history records out of the registry. */
  async #removeDropped(batch: KeyValueBatch): Promise<void> {
    const dropped = this.#dropped;
    if (dropped.length === 0) return;
    this.#dropped = [];
    this.#blobs -= dropped.length;
    const places = dropped.map(({ key, version }) => historyKey(key, version));
    const records = await this.#store.getMany(places);
    dropped.forEach(({ key }, i) => {
      const record = records[i];
      if (record === undefined) throw corrupt('a listed history record', key);
      const { value } = decodeHistory(this.#kernel, key, record);
      if (value instanceof BlobReference) this.#registry.remove(batch, key, value);
    });
  }

  /** The same for all of the history, before it is cleared. */
  async #removeBlobs(): Promise<void> {
    if (this.#blobs === 0) return;
    const batch = this.#store.batch();
    for await (const { key, value } of historyBlobs(this.#store, this.#kernel)) {
      this.#registry.remove(batch, key, value);
    }
    await this.#store.write(batch, { sync: false });
    this.#blobs = 0;
  }

  /** Per key of a sorted group, the values that it replaces and that a live snapshot reads. */
  async #replacedBy(
    group: OperationGroup,
    batch: KeyValueBatch,
    live: Float64Array,
  ): Promise<KeyHistory[]> {
    const keys: Uint8Array[] = [];
    for (let at = 0; at < group.size; at = group.endOfKey(at)) keys.push(keyAt(group, at));
    const records = await this.#store.getMany(keys.map(toStoredKey));
    const histories: KeyHistory[] = [];
    let at = 0;
    keys.forEach((key, i) => {
      const end = group.endOfKey(at);
      const passing = this.#passing(key, records[i], group, at, end);
      const replaced = this.#replacedOf(key, passing, batch, live);
      if (replaced.length > 0) histories.push({ key, replaced });
      at = end;
    });
    return histories;
  }

  /** The values of one key, oldest first: the stored one, then those of the group. */
  #passing(
    key: Uint8Array,
    record: Buffer | undefined,
    group: OperationGroup,
    from: number,
    to: number,
  ): Passing[] {
    const passing: Passing[] = [];
    if (record !== undefined) {
      checkCurrent(this.#kernel, key, record);
      const version = recordVersion(record);
      passing.push({ version, value: currentValue(record), isStored: true });
    }
    for (let at = from; at < to; at++) {
      const operation = group.order[at] as number;
      const version = group.versions[operation] as number;
      passing.push({ version, value: valuePut(group, operation), isStored: false });
    }
    return passing;
  }

  /** Those of them that are replaced and that a live snapshot reads; the others' blobs die. */
  #replacedOf(
    key: Uint8Array,
    passing: readonly Passing[],
    batch: KeyValueBatch,
    live: Float64Array,
  ): Replaced[] {
    const replaced: Replaced[] = [];
    passing.forEach(({ version, value, isStored }, i) => {
      const next = passing[i + 1];
      if (value === null || next === undefined) return;
      const until = next.version;
      const isKept = someVersionIn(live, version, until);
      if (!(value instanceof BlobReference)) {
        if (isKept) replaced.push({ version, until, value, isBlob: false });
        return;
      }
      const { manifest, blob } = value;
      if (isKept) replaced.push({ version, until, value: manifest, isBlob: true });
      if (isKept && !isStored) this.#registry.add(batch, key, manifest, blob);
      if (!isKept && isStored) this.#registry.remove(batch, key, value);
      if (!isKept && !isStored) this.#registry.neverAdded(value);
    });
    return replaced;
  }
}

/** Removes the history that an earlier run left, and the blobs that only it named. */
export async function clearHistory(store: KeyValueStore, kernel: Kernel): Promise<void> {
  const batch = store.batch();
  for await (const { value } of historyBlobs(store, kernel)) batch.delete(blobKey(value.blob));
  await store.write(batch, { sync: false });
  await store.clear(historyRange);
  await store.clear(versionsRange);
}

/** The blobs that the history names, with the keys that they were the values of. */
async function* historyBlobs(store: KeyValueStore, kernel: Kernel) {
  const iterator = store.iterate(historyRange);
  try {
    for (;;) {
      const entries = await iterator.nextv(limits.pruneRecordsMax);
      if (entries.length === 0) return;
      for (const [stored, record] of entries) {
        const key = userKeyOfReserved(stored);
        if (key === null) throw corrupt('the key of a history record', stored);
        const { value } = decodeHistory(kernel, key, record);
        if (value instanceof BlobReference) yield { key, value };
      }
    }
  } finally {
    await iterator.close();
  }
}

function keyAt(group: OperationGroup, at: number): Uint8Array {
  const offset = group.offsets[group.order[at] as number] as number;
  const key = offset + operationHeaderBytes;
  return copied(group.memory, key, operationKeyBytes(group.memory, offset));
}

/** The value that an operation puts, without a copy, or null when it deletes. */
function valuePut(group: OperationGroup, operation: number): StoredValue | null {
  const { memory } = group;
  const offset = group.offsets[operation] as number;
  const kind = operationKind(memory, offset);
  if (kind === operationKinds.delete) return null;
  const start = offset + operationHeaderBytes + operationKeyBytes(memory, offset);
  const value = bufferOf(memory.subarray(start, start + operationValueBytes(memory, offset)));
  return kind === operationKinds.blob ? new BlobReference(value) : value;
}

function copied(memory: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(memory.subarray(offset, offset + length));
  return bytes;
}

/** The next possible key. */
function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
