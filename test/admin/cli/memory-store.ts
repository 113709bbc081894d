/** A store in memory for the tests of commands: sorted, and with faults that a test can plant. */
import type {
  OpenStore,
  Store,
  StoreHealth,
  StoreRange,
  StoreStatus,
} from '../../../src/admin/cli/store.js';
import { ThemisError } from '../../../src/base/index.js';
import type { FileSystem } from '../../../src/io/index.js';

type Entry = readonly [key: Buffer, value: Buffer];

export class MemoryStore implements Store {
  readonly values = new Map<string, Buffer>();
  health_: StoreHealth = { isHealthy: true, headline: 'Healthy.' };
  closes = 0;
  snapshots = 0;

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    this.values.set(Buffer.from(key).toString('hex'), Buffer.from(value));
  }

  async del(key: Uint8Array): Promise<void> {
    this.values.delete(Buffer.from(key).toString('hex'));
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.values.get(Buffer.from(key).toString('hex'));
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
