/** A store in memory for the tests of commands: sorted, and with faults that a test can plant. */
import type {
  ListedEntry,
  OpenStore,
  Store,
  StoreHealth,
  StoreRange,
  StoreStatus,
  ValuePart,
} from '../../../src/admin/cli/store.js';
import { must, ThemisError } from '../../../src/base/index.js';
import type { DeviceStatus, ValueStat } from '../../../src/engine/index.js';
import type { FileSystem } from '../../../src/io/index.js';
import type { RepairJob } from '../../../src/shard/index.js';

type Entry = readonly [key: Buffer, value: Buffer];

/** Values from this length on count as lying on devices. */
export const largeBytes = 64 * 1024;

export function deviceStatus(number: number, more: Partial<DeviceStatus> = {}): DeviceStatus {
  return {
    number,
    id: String(number).repeat(32).slice(0, 32),
    path: `/work/d/device-${number}`,
    role: 'active',
    state: 'healthy',
    why: '',
    fragments: 3,
    liveBytes: 3 * 2 ** 20,
    deadBytes: 0,
    freeBytes: 2 ** 30,
    ...more,
  };
}

export function repairJob(more: Partial<RepairJob> = {}): RepairJob {
  return {
    jobId: 'repair-1',
    shardId: '0',
    documentId: '',
    isFullScan: false,
    submittedAt: 0,
    completedAt: 1,
    documentsScanned: 2,
    documentsRepaired: 0,
    documentsFailed: 0,
    documentsTotal: 2,
    documentsLeft: 0,
    bytes: 0,
    bytesTotal: 0,
    etaSeconds: null,
    completed: true,
    success: true,
    errorMessage: null,
    ...more,
  };
}

export class MemoryStore implements Store {
  readonly values = new Map<string, Buffer>();
  health_: StoreHealth = { isHealthy: true, headline: 'Healthy.', devices: [], shards: [] };
  devices_: DeviceStatus[] = [];
  /** How repairs and scrubs end, and what they tell before. */
  job = repairJob();
  progress: readonly RepairJob[] = [];
  /** Calls that change or look after devices, in order. */
  readonly calls: string[] = [];
  closes = 0;
  snapshots = 0;
  gets = 0;

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    this.values.set(Buffer.from(key).toString('hex'), Buffer.from(value));
  }

  async putStream(key: Uint8Array, source: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of source) chunks.push(Buffer.from(chunk));
    await this.put(key, Buffer.concat(chunks));
  }

  async del(key: Uint8Array): Promise<void> {
    this.values.delete(Buffer.from(key).toString('hex'));
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.gets++;
    return this.values.get(Buffer.from(key).toString('hex'));
  }

  async *getStream(key: Uint8Array, { start, end }: ValuePart): AsyncGenerator<Uint8Array> {
    const value = this.values.get(Buffer.from(key).toString('hex'));
    const part = must(value, 'the key of a stream').subarray(start, end);
    for (let at = 0; at < part.length; at += 1000) yield part.subarray(at, at + 1000);
  }

  async stat(key: Uint8Array): Promise<ValueStat | undefined> {
    const bytes = this.values.get(Buffer.from(key).toString('hex'))?.length;
    if (bytes === undefined) return undefined;
    const large = { blob: 7, data: 4, parity: 2, stripes: 1, fragments: 6, present: 6 };
    return { bytes, large: bytes < largeBytes ? null : large };
  }

  async *scan(range: StoreRange): AsyncGenerator<Entry> {
    const all = [...this.values].map(([key, value]): Entry => [Buffer.from(key, 'hex'), value]);
    const inside = all.filter(([key]) => {
      const isBefore = range.gte !== undefined && Buffer.compare(key, range.gte) < 0;
      const isAfter = range.lt !== undefined && Buffer.compare(key, range.lt) >= 0;
      return !isBefore && !isAfter;
    });
    inside.sort(([a], [b]) => Buffer.compare(a, b));
    if (range.reverse === true) inside.reverse();
    yield* inside.slice(0, range.limit ?? inside.length);
  }

  async *list(range: StoreRange): AsyncGenerator<ListedEntry> {
    for await (const [key, value] of this.scan(range)) {
      yield [key, value.length < largeBytes ? value : null];
    }
  }

  async devices(): Promise<readonly DeviceStatus[]> {
    return this.devices_;
  }

  async addDevice(path: string, isSpare: boolean): Promise<DeviceStatus> {
    this.calls.push(`add ${path}${isSpare ? ' spare' : ''}`);
    const role = isSpare ? 'spare' : 'active';
    const device = deviceStatus(this.devices_.length, { path, role });
    this.devices_ = [...this.devices_, device];
    return device;
  }

  async replaceDevice(device: number, path: string): Promise<DeviceStatus> {
    this.calls.push(`replace ${device} ${path}`);
    return deviceStatus(9, { path, state: 'rebuilding', why: 'it is new' });
  }

  async removeDevice(device: number): Promise<void> {
    this.calls.push(`remove ${device}`);
  }

  async repair(key: Uint8Array | null, onProgress: (job: RepairJob) => void): Promise<RepairJob> {
    this.calls.push(key === null ? 'repair' : `repair ${Buffer.from(key).toString()}`);
    for (const job of this.progress) onProgress(job);
    return this.job;
  }

  async scrub(onProgress: (job: RepairJob) => void): Promise<RepairJob> {
    this.calls.push('scrub');
    for (const job of this.progress) onProgress(job);
    return this.job;
  }

  async status(): Promise<StoreStatus> {
    return {
      recovery: {
        durationMs: 12,
        records: 3,
        bytes: 4096,
        tornBytes: 512,
        repairs: ['a repair'],
        isStateRebuilt: false,
        filesSetAside: 0,
      },
      redundancy: { words: '4+2', byPrefix: {}, width: 6 },
      sections: [{ title: 'Log', pairs: [['committed', 'record 3']] }],
      details: { committedIndex: 3 },
    };
  }

  async health(): Promise<StoreHealth> {
    return this.health_;
  }

  async takeSnapshot(): Promise<void> {
    this.snapshots++;
  }

  async close(): Promise<void> {
    this.closes++;
  }
}

/** Opens stores by folder, as the engine does: created on demand, an error when they may not be. */
export class MemoryStores {
  readonly byFolder = new Map<string, MemoryStore>();
  readonly opened: { readonly folder: string; readonly engine: object }[] = [];
  failure: ThemisError | null = null;
  readonly #fileSystem: FileSystem;

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  readonly open: OpenStore = async (folder, { createIfMissing, engine }) => {
    this.opened.push({ folder, engine });
    if (this.failure !== null) throw this.failure;
    let store = this.byFolder.get(folder);
    if (store === undefined) {
      if (!createIfMissing) throw new ThemisError('THEMIS_FOLDER_INVALID', `${folder} is no store`);
      store = new MemoryStore();
      this.byFolder.set(folder, store);
      if (this.#fileSystem.stat(folder) === null) this.#fileSystem.makeDirectory(folder);
    }
    return store;
  };
}
