/**
 * Applies committed records to the store, in order and each once.
 *
 * Operations of many commands are gathered and written as one atomic batch together with the
 * applied index: after a crash the state is that of some index, and the records after it are
 * applied again. Of several operations on one key only the newest is written.
 *
 * Two gatherings take turns: while one is written in LevelDB's threads, the next one fills.
 *
 *   append append append flush ---------> store.write(batch 1) ........
 *                              append append append flush (encodes) .. store.write(batch 2)
 *
 * History. A value that is replaced is kept only if a live snapshot needs it: one at R with
 * version <= R < version of what replaces it. Which snapshots are live is looked up at flush, after
 * the commit of everything gathered was seen (live-snapshots.ts says why that suffices). Only then
 * are the old values read; and where a key may hold a blob, whose death must be noticed
 * (blob-registry.ts).
 */
import { assert, bufferOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { readRecordHeader, recordHeaderBytes, recordKinds } from '../wal/index.js';
import { HistoryWriter } from './applier-history.js';
import { BlobRegistry } from './blob-registry.js';
import {
  checkCommand,
  commandHeaderBytes,
  nextOperation,
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
} from './command.js';
import type { KeyValueBatch, KeyValueStore } from './key-value-store.js';
import type { LiveSnapshots } from './live-snapshots.js';
import { OperationGroup } from './operation-group.js';
import { copyBytes, ScratchBytes } from './scratch-bytes.js';
import { metaKey, toStoredKey } from './state-key.js';
import {
  currentHeaderBytes,
  encodeMeta,
  type StateMeta,
  sealRecord,
  valueKinds,
  writeVersion,
} from './state-record.js';
import { BlobReference, blobOf } from './stored-value.js';

export interface ApplierOptions {
  readonly store: KeyValueStore;
  readonly kernel: Kernel;
  readonly liveSnapshots: LiveSnapshots;
  /** What the store's meta record says. */
  readonly meta: StateMeta;
  /** The log's stream whose commands are applied; records of other streams are passed over. */
  readonly stream: number;
  /** Told of each batch of records that was written. */
  readonly applied?: () => void;
  /** Told, after a batch was written, of blobs that no readable value names any more. */
  readonly died?: (blobs: readonly BlobReference[]) => void;
}

/** Operations on their way into one batch. */
interface Gathering {
  readonly group: OperationGroup;
  readonly batch: KeyValueBatch;
  /** Index and ballot of the last record in it; index 0 when there is none. */
  index: number;
  ballot: number;
  /** Operations that put a blob. */
  blobs: number;
  writing: boolean;
}

export class Applier {
  readonly #store: KeyValueStore;
  readonly #kernel: Kernel;
  readonly #live: LiveSnapshots;
  readonly #clusterId: Uint8Array;
  readonly #format: number;
  readonly #stream: number;
  readonly #history: HistoryWriter;
  readonly #applied: () => void;
  readonly #registry: BlobRegistry;
  readonly #died: (blobs: readonly BlobReference[]) => void;
  readonly #keyScratch = new ScratchBytes();
  readonly #recordScratch = new ScratchBytes();
  #gathering: Gathering;
  #other: Gathering;
  /** The last record that was appended; everything up to it is skipped. */
  #appendedIndex: number;
  #appendedBallot: number;
  #appliedIndex: number;
  #syncedIndex: number;
  /** Settles when the batch before the next one is written. */
  #written: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(options: ApplierOptions) {
    this.#store = options.store;
    this.#kernel = options.kernel;
    this.#live = options.liveSnapshots;
    this.#clusterId = options.meta.clusterId;
    this.#format = options.meta.format;
    this.#stream = options.stream;
    this.#registry = new BlobRegistry(options.store, options.kernel);
    this.#history = new HistoryWriter({ ...options, registry: this.#registry });
    this.#applied = options.applied ?? (() => undefined);
    this.#died = options.died ?? (() => undefined);
    this.#gathering = emptyGathering(options.store);
    this.#other = emptyGathering(options.store);
    this.#appendedIndex = options.meta.appliedIndex;
    this.#appendedBallot = options.meta.appliedBallot;
    this.#appliedIndex = options.meta.appliedIndex;
    this.#syncedIndex = options.meta.appliedIndex;
  }

  /** Before the first record: reads what the state knows of blobs. */
  load(): Promise<void> {
    return this.#registry.load();
  }

  /** Everything up to this index is in the store and seen by reads. */
  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  /** Everything up to this index survives a crash of the machine. */
  get syncedIndex(): number {
    return this.#syncedIndex;
  }

  /** Everything up to this index was appended. */
  get appendedIndex(): number {
    return this.#appendedIndex;
  }

  /** True when records wait for `flush`. */
  get hasGathered(): boolean {
    return this.#gathering.index !== 0;
  }

  /**
   * Takes the record at this offset of a memory, which must keep it until the flush that follows
   * has resolved. Returns false when the batch is full: flush, then append it again.
   * Throws THEMIS_LOG_CORRUPT for a malformed command and THEMIS_ASSERTION for a gap.
   */
  append(memory: Uint8Array, recordOffset: number): boolean {
    const view = viewFor(memory);
    const header = readRecordHeader(view, recordOffset);
    if (header.stream !== this.#stream || header.kind !== recordKinds.command) return true;
    const { index, ballot, length } = header;
    return this.appendCommand(index, ballot, memory, recordOffset + recordHeaderBytes, length);
  }

  /** The same for a command whose record's header was read by somebody else. */
  appendCommand(
    index: number,
    ballot: number,
    memory: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (index <= this.#appendedIndex) return true;
    const expected = this.#appendedIndex + 1;
    assert(index === expected, `records are applied in order: ${expected} came as ${index}`);
    const count = checkCommand(memory, offset, length);
    if (count < 0) throw malformed(index);
    const gathering = this.#gathering;
    assert(!gathering.writing, 'two batches are under way at most');
    if (!hasRoom(gathering, memory, count, length)) return false;
    const group = gathering.group;
    group.memory = memory;
    group.bytes += length;
    let at = offset + commandHeaderBytes;
    for (let i = 0; i < count; i++) {
      group.add(at, index);
      if (operationKind(memory, at) === operationKinds.blob) gathering.blobs++;
      at = nextOperation(memory, at);
    }
    gathering.index = index;
    gathering.ballot = ballot;
    this.#appendedIndex = index;
    this.#appendedBallot = ballot;
    return true;
  }

  /**
   * Writes what was gathered as one batch; resolves when reads see it (and, with `sync`, when all
   * of the state is durable). The next records may be appended at once, but a third flush needs
   * the first to have resolved. After a failure every call fails.
   */
  flush(options: { readonly sync: boolean }): Promise<void> {
    if (this.#failed) return this.#written;
    if (!this.hasGathered && !options.sync) return this.#written;
    const gathering = this.#gathering;
    this.#gathering = this.#other;
    this.#other = gathering;
    gathering.writing = true;
    const index = this.#appendedIndex;
    const written = this.#write(gathering, this.#written, options.sync).then(() => {
      this.#appliedIndex = index;
      if (options.sync) this.#syncedIndex = index;
    });
    // The caller has `written`; whatever is asked for after a failure gets the same rejection.
    this.#written = written;
    return written;
  }

  /**
   * Removes history that no live snapshot needs, a bounded part at a time. Returns true when there
   * is more to look at. Not while a flush is under way.
   */
  async prune(): Promise<boolean> {
    await this.#written;
    const more = await this.#history.prune();
    this.#tellDied();
    return more;
  }

  async #write(gathering: Gathering, before: Promise<void>, sync: boolean): Promise<void> {
    try {
      const live = this.#live.versions();
      const meta = this.#encodeMeta();
      gathering.group.sort();
      if (live.length > 0 || this.#mayReplaceBlob(gathering.group)) {
        await before;
        await this.#history.write(gathering.group, gathering.batch, live);
      } else if (gathering.blobs > 0) {
        this.#buryReplaced(gathering.group);
      }
      this.#encode(gathering);
      gathering.batch.put(metaKey, meta);
      await before;
      await this.#store.write(gathering.batch, { sync });
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    if (gathering.index !== 0) this.#applied();
    this.#tellDied();
    gathering.batch.clear();
    gathering.group.clear();
    gathering.index = 0;
    gathering.blobs = 0;
    gathering.writing = false;
  }

  #tellDied(): void {
    const died = this.#registry.takeDied();
    if (died.length > 0) this.#died(died);
  }

  /** True when one of the keys may hold a blob in the store. */
  #mayReplaceBlob({ memory, offsets, size }: OperationGroup): boolean {
    // The batch before may still wait for its reads; what it adds is not in the registry yet.
    if (this.#gathering.writing && this.#gathering.blobs > 0) return true;
    if (this.#registry.size === 0) return false;
    for (let i = 0; i < size; i++) {
      const offset = offsets[i] as number;
      const keyAt = offset + operationHeaderBytes;
      const keyBytes = operationKeyBytes(memory, offset);
      if (this.#registry.mayHold(this.#kernel.crc32c(memory, keyAt, keyBytes, 0))) return true;
    }
    return false;
  }

  /** Blobs that a later operation of the same group replaces: the store never hears of them. */
  #buryReplaced(group: OperationGroup): void {
    const { memory, offsets, order, size } = group;
    for (let at = 0; at < size; ) {
      const end = group.endOfKey(at);
      for (let i = at; i < end - 1; i++) {
        const offset = offsets[order[i] as number] as number;
        if (operationKind(memory, offset) !== operationKinds.blob) continue;
        this.#registry.neverAdded(new BlobReference(bufferOf(valueIn(memory, offset))));
      }
      at = end;
    }
  }

  /** The newest operation on each key. Nothing is allocated per operation, unless it is large. */
  #encode({ group, batch }: Gathering): void {
    const { memory, offsets, versions, order, size } = group;
    for (let at = 0; at < size; ) {
      const end = group.endOfKey(at);
      const operation = order[end - 1] as number;
      this.#encodeOne(batch, memory, offsets[operation] as number, versions[operation] as number);
      at = end;
    }
  }

  #encodeOne(batch: KeyValueBatch, memory: Uint8Array, offset: number, version: number): void {
    const keyAt = offset + operationHeaderBytes;
    const keyBytes = operationKeyBytes(memory, offset);
    const key = this.#keyScratch.take(keyBytes);
    copyBytes(key, 0, memory, keyAt, keyBytes);
    const stored = toStoredKey(key);
    const kind = operationKind(memory, offset);
    if (kind === operationKinds.delete) {
      batch.delete(stored);
      return;
    }
    const isBlob = kind === operationKinds.blob;
    if (isBlob) {
      const manifest = valueIn(memory, offset);
      this.#registry.add(batch, key, manifest, blobOf(manifest));
    }
    const valueBytes = operationValueBytes(memory, offset);
    const record = this.#recordScratch.take(currentHeaderBytes + valueBytes);
    writeVersion(record, 0, version, isBlob ? valueKinds.blob : valueKinds.inline);
    copyBytes(record, currentHeaderBytes, memory, keyAt + keyBytes, valueBytes);
    const keyCrc = this.#kernel.crc32c(key, 0, keyBytes, 0);
    sealRecord(this.#kernel, record, 0, record.length, keyCrc);
    batch.put(stored, record);
  }

  #encodeMeta(): Uint8Array {
    return encodeMeta(this.#kernel, {
      format: this.#format,
      clusterId: this.#clusterId,
      appliedIndex: this.#appendedIndex,
      appliedBallot: this.#appendedBallot,
    });
  }
}

function emptyGathering(store: KeyValueStore): Gathering {
  const group = new OperationGroup();
  return { group, batch: store.batch(), index: 0, ballot: 0, blobs: 0, writing: false };
}

/** A batch always takes its first command, however large, and operations of one memory only. */
function hasRoom(gathering: Gathering, memory: Uint8Array, count: number, bytes: number): boolean {
  const { group } = gathering;
  if (group.size === 0) return true;
  return (
    group.memory === memory &&
    group.size + count <= limits.applyOperationsMax &&
    group.bytes + bytes <= limits.applyBytesMax
  );
}

function valueIn(memory: Uint8Array, offset: number): Uint8Array {
  const start = offset + operationHeaderBytes + operationKeyBytes(memory, offset);
  return memory.subarray(start, start + operationValueBytes(memory, offset));
}

function malformed(index: number): ThemisError {
  return new ThemisError(
    'THEMIS_LOG_CORRUPT',
    `The command of record ${index} is malformed and cannot be applied; restore a backup.`,
  );
}

/** The view over a memory, kept, since nearly all records lie in one ring. */
const views = new WeakMap<Uint8Array, DataView>();

function viewFor(memory: Uint8Array): DataView {
  const kept = views.get(memory);
  if (kept !== undefined) return kept;
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  views.set(memory, view);
  return view;
}
