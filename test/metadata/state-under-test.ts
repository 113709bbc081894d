/**
 * The state with everything around it, and a model of what it must answer: for each key its
 * versions, oldest first. Tests drive both and compare.
 */
import * as assert from 'uvu/assert';
import { compareBytes, must } from '../../src/base/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import {
  Applier,
  BlobReference,
  blobEntries,
  blobOf,
  type KeyRange,
  type KeyValueStore,
  type KeyValueStores,
  LiveSnapshots,
  type OpenedState,
  openState,
  PendingIndex,
  VersionedReader,
} from '../../src/metadata/index.js';
import { type Change, recordLength, writeCommandRecord } from './commands.js';

export const clusterId: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i);
const stream = 3;
const memoryBytes = 1 << 18;

interface Written {
  readonly version: number;
  readonly value: Uint8Array | null;
  readonly isBlob: boolean;
}

export class StateUnderTest {
  readonly stores: KeyValueStores;
  readonly path: string;
  readonly memory: Uint8Array = new Uint8Array(new SharedArrayBuffer(memoryBytes));
  /** Offsets of the records; that of index i is at i - 1. */
  readonly records: number[] = [];
  readonly model = new Map<string, Written[]>();
  /** Versions of the snapshots that are open, in the order of opening. */
  held: number[] = [];
  live = new LiveSnapshots();
  /** Blobs that were reported dead, in order. */
  readonly died: number[] = [];
  /** Everything up to this index was synced. */
  synced = 0;
  #end = 0;
  #parts: { store: KeyValueStore; applier: Applier; reader: VersionedReader } | null = null;
  #pending = new PendingIndex(this.memory, 2);

  constructor(stores: KeyValueStores, path: string) {
    this.stores = stores;
    this.path = path;
  }

  get committed(): number {
    return this.records.length;
  }

  get applier(): Applier {
    return this.#open().applier;
  }

  get reader(): VersionedReader {
    return this.#open().reader;
  }

  get store(): KeyValueStore {
    return this.#open().store;
  }

  /** Opens the state; nothing that was live before survives. */
  async open(): Promise<OpenedState> {
    const opened = await openState({
      stores: this.stores,
      path: this.path,
      kernel: portableKernel,
      clusterId,
      damage: null,
      logStart: 0,
      logEnd: this.committed,
      source: { index: 0, ballot: 0, entries: () => [] },
    });
    const { store, meta } = opened;
    this.live = new LiveSnapshots();
    this.held = [];
    this.#pending = new PendingIndex(this.memory, 2);
    const shared = { store, kernel: portableKernel, liveSnapshots: this.live };
    const died = (blobs: readonly BlobReference[]) =>
      this.died.push(...blobs.map(({ blob }) => blob));
    const applier = new Applier({ ...shared, meta, stream, died });
    await applier.load();
    const reader = new VersionedReader({
      ...shared,
      pending: this.#pending,
      memory: this.memory,
    });
    this.#parts = { store, applier, reader };
    return opened;
  }

  async close(): Promise<void> {
    await this.#open().store.close();
    this.#parts = null;
  }

  /** Commits a command: into the ring, the pending index and the model. */
  commit(changes: readonly Change[]): void {
    const index = this.committed + 1;
    const offset = this.#end;
    this.#end += recordLength(changes);
    assert.ok(this.#end <= memoryBytes, 'the memory of the test is large enough');
    const record = { index, ballot: 1, stream };
    for (const at of writeCommandRecord(this.memory, offset, record, changes)) {
      this.#pending.add(at, index);
    }
    this.records.push(offset);
    for (const { key, value, isBlob = false } of changes) {
      const name = Buffer.from(key).toString('hex');
      const versions = this.model.get(name) ?? [];
      versions.push({ version: index, value, isBlob });
      this.model.set(name, versions);
    }
  }

  /** Appends and writes records up to an index; the pending index lets go of them. */
  async apply(upTo: number): Promise<void> {
    for (let index = this.applier.appliedIndex + 1; index <= upTo; ) {
      if (this.applier.append(this.memory, this.records[index - 1] as number)) index++;
      else await this.applier.flush({ sync: false });
    }
    await this.applier.flush({ sync: false });
    this.#pending.release(this.applier.appliedIndex);
  }

  /** All records again, as after a restart: what is applied must be passed over. */
  async replay(): Promise<void> {
    for (const offset of this.records) {
      while (!this.applier.append(this.memory, offset)) await this.applier.flush({ sync: false });
    }
    await this.applier.flush({ sync: true });
    this.synced = this.applier.syncedIndex;
  }

  expected(key: Uint8Array, version: number): Buffer | undefined {
    const versions = this.model.get(Buffer.from(key).toString('hex')) ?? [];
    const value = versions.filter((written) => written.version <= version).at(-1)?.value ?? null;
    return value === null ? undefined : Buffer.from(value);
  }

  expectedEntries(range: KeyRange, version: number): [string, string][] {
    const keys = [...this.model.keys()].map((name) => Buffer.from(name, 'hex'));
    const inside = keys.filter((key) => isInside(key, range)).sort(compareBytes);
    if (range.reverse === true) inside.reverse();
    const entries: [string, string][] = [];
    for (const key of inside) {
      const value = this.expected(key, version);
      if (value !== undefined) entries.push([key.toString('hex'), value.toString('hex')]);
    }
    return entries;
  }

  /** Blobs that a reader of the latest version or of a snapshot can reach. */
  reachableBlobs(): number[] {
    const found = new Set<number>();
    for (const versions of this.model.values()) {
      for (const seen of [this.committed, ...this.live.versions()]) {
        const last = versions.filter(({ version }) => version <= seen).at(-1);
        if (last?.isBlob === true && last.value !== null) found.add(blobOf(last.value));
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  async registeredBlobs(): Promise<number[]> {
    const found: number[] = [];
    for await (const { blob } of blobEntries(this.store, portableKernel, 0)) found.push(blob);
    return found;
  }

  async entries(range: KeyRange, version: number, step: number): Promise<[string, string][]> {
    const cursor = this.reader.iterate(range, version);
    const found: [string, string][] = [];
    for (;;) {
      const entries = await cursor.nextv(step);
      assert.ok(entries.length <= step);
      if (entries.length === 0) break;
      for (const [key, value] of entries) {
        found.push([hex(key), hex(value instanceof BlobReference ? value.manifest : value)]);
      }
    }
    await cursor.close();
    return found;
  }

  #open(): { store: KeyValueStore; applier: Applier; reader: VersionedReader } {
    return must(this.#parts, 'the state under test is open');
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function isInside(key: Uint8Array, { gte, gt, lt, lte }: KeyRange): boolean {
  return (
    (gte === undefined || compareBytes(key, gte) >= 0) &&
    (gt === undefined || compareBytes(key, gt) > 0) &&
    (lt === undefined || compareBytes(key, lt) < 0) &&
    (lte === undefined || compareBytes(key, lte) <= 0)
  );
}
