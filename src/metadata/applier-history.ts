/**
 * The history side of applying: keeps the values that live snapshots still read, and removes them
 * when none does.
 *
 * Per key the store has a list of the versions in the history (FF 'i') and one history record for
 * each (FF 'h'). Readers find a version through the list, with exact lookups only. The list is
 * read and rewritten when a version is added, and drops what nobody needs any more on the way, so
 * it never holds more versions than there are live snapshots.
 */

import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
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
  decodeVersions,
  encodeHistory,
  encodeVersions,
  recordVersion,
  type VersionSpan,
} from './state-record.js';

/** A value that was the current one until a batch replaced it. */
interface Replaced extends VersionSpan {
  readonly value: Uint8Array;
}

interface KeyHistory {
  readonly key: Uint8Array;
  readonly replaced: readonly Replaced[];
}

export class HistoryWriter {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;
  readonly #live: LiveSnapshots;
  /** History records in the store. */
  #count = 0;
  /** Where pruning goes on. */
  #pruneFrom: Uint8Array = versionsRange.gte;

  constructor(store: KeyValueStore, kernel: Kernel, live: LiveSnapshots) {
    this.#store = store;
    this.#kernel = kernel;
    this.#live = live;
  }

  /** Adds to the batch what a sorted group replaces and a live snapshot needs. */
  async write(group: OperationGroup, batch: KeyValueBatch, live: Float64Array): Promise<void> {
    const histories = await this.#replacedBy(group, live);
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
      }
      batch.put(versionsKey(key), encodeVersions(this.#kernel, key, [...kept, ...replaced]));
    });
    this.#count += added;
    // Before the batch is written: who sees its records must know that there is history.
    if (added > 0) this.#live.setHistoryRecords(this.#count);
  }

  /** One step of removing what no live snapshot needs; true when there is more to look at. */
  async prune(): Promise<boolean> {
    if (this.#count === 0) return false;
    const live = this.#live.versions();
    if (live.length === 0) {
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
      if (!needed) batch.delete(historyKey(key, span.version));
      return needed;
    });
  }

  /** Per key of a sorted group, the values that it replaces and that a live snapshot reads. */
  async #replacedBy(group: OperationGroup, live: Float64Array): Promise<KeyHistory[]> {
    const keys: Uint8Array[] = [];
    for (let at = 0; at < group.size; at = group.endOfKey(at)) keys.push(keyAt(group, at));
    const records = await this.#store.getMany(keys.map(toStoredKey));
    const histories: KeyHistory[] = [];
    let at = 0;
    keys.forEach((key, i) => {
      const end = group.endOfKey(at);
      const replaced = this.#replacedOf(key, records[i], group, { from: at, to: end }, live);
      if (replaced.length > 0) histories.push({ key, replaced });
      at = end;
    });
    return histories;
  }

  #replacedOf(
    key: Uint8Array,
    record: Buffer | undefined,
    group: OperationGroup,
    stretch: { readonly from: number; readonly to: number },
    live: Float64Array,
  ): Replaced[] {
    const replaced: Replaced[] = [];
    let version = -1;
    let value: Uint8Array | null = null;
    if (record !== undefined) {
      checkCurrent(this.#kernel, key, record);
      version = recordVersion(record);
      value = currentValue(record);
    }
    for (let at = stretch.from; at < stretch.to; at++) {
      const operation = group.order[at] as number;
      const until = group.versions[operation] as number;
      if (value !== null && someVersionIn(live, version, until)) {
        replaced.push({ version, until, value });
      }
      version = until;
      value = valuePut(group, operation);
    }
    return replaced;
  }
}

function keyAt(group: OperationGroup, at: number): Uint8Array {
  const offset = group.offsets[group.order[at] as number] as number;
  const key = offset + operationHeaderBytes;
  return copied(group.memory, key, operationKeyBytes(group.memory, offset));
}

/** The value that an operation puts, or null when it deletes. */
function valuePut(group: OperationGroup, operation: number): Uint8Array | null {
  const { memory } = group;
  const offset = group.offsets[operation] as number;
  if (operationKind(memory, offset) === operationKinds.delete) return null;
  const value = offset + operationHeaderBytes + operationKeyBytes(memory, offset);
  return memory.subarray(value, value + operationValueBytes(memory, offset));
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
