/** Themis as a contestant, through its public API. */
import { codeOf, messageOf } from '../../src/base/index.js';
import { packageRoot, versionOf } from '../harness/index.js';
import type { DurabilityMode, LoadedPeer, Peer } from './peer.js';

export const themisName = 'themis';

/** The part of the public API that the benchmarks use. */
interface Database {
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  del(key: Uint8Array): Promise<void>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  getSync(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  batch(operations: { type: 'put'; key: Uint8Array; value: Uint8Array }[]): Promise<void>;
  iterator(options?: { gte?: Uint8Array; limit?: number }): {
    all(): Promise<[Uint8Array, Uint8Array][]>;
    nextv(count: number): Promise<[Uint8Array, Uint8Array][]>;
    close(): Promise<void>;
  };
  info(): Promise<{ readonly pendingOperations: number }>;
  close(): Promise<void>;
}

interface ThemisModule {
  open(
    folder: string,
    options: { keyEncoding: 'buffer'; valueEncoding: 'buffer'; durability: DurabilityMode },
  ): Promise<Database>;
}

/** Loads the engine of the build that this file belongs to. */
export async function loadThemis(): Promise<LoadedPeer> {
  let themis: unknown;
  try {
    themis = await import(new URL('../../src/index.js', import.meta.url).href);
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    return { kind: 'skipped', reason: `themis skipped: ${messageOf(error)}` };
  }
  if (!isThemis(themis)) {
    return { kind: 'skipped', reason: 'themis skipped: src/index.js exports no open()' };
  }
  const { open } = themis;
  return {
    kind: 'loaded',
    module: {
      name: themisName,
      version: versionOf(packageRoot()),
      durability: { sync: 'sync per group', buffered: 'synced every 100 ms' },
      writesOnly: false,
      open: async (folder, options) =>
        peerOf(
          await open(folder, {
            keyEncoding: 'buffer',
            valueEncoding: 'buffer',
            durability: options.durability,
          }),
        ),
    },
  };
}

function isThemis(module: unknown): module is ThemisModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    typeof Reflect.get(module, 'open') === 'function'
  );
}

function peerOf(db: Database): Peer {
  const lag = new PendingGauge(db);
  return {
    put: (key, value) => db.put(key, value),
    del: (key) => db.del(key),
    get: (key) => db.get(key),
    getSync: (key) => db.getSync(key),
    getMany: (keys) => db.getMany(keys),
    load: (entries) => db.batch(entries.map(([key, value]) => ({ type: 'put', key, value }))),
    scan: async (start, count) => bytesOf(await db.iterator({ gte: start, limit: count }).all()),
    readAll: async (visit) => {
      const iterator = db.iterator();
      try {
        for (;;) {
          const entries = await iterator.nextv(1000);
          if (entries.length === 0 || !visit(entries.length, bytesOf(entries))) return;
        }
      } finally {
        await iterator.close();
      }
    },
    settle: () => lag.drained(),
    pending: () => lag.latest(),
    close: () => db.close(),
  };
}

function bytesOf(entries: readonly (readonly [Uint8Array, Uint8Array])[]): number {
  let bytes = 0;
  for (const [key, value] of entries) bytes += key.length + value.length;
  return bytes;
}

/** What is not applied yet. The store tells asynchronously: a sampler sees the number before. */
class PendingGauge {
  readonly #db: Database;
  #latest: number | null = null;
  #failure: { readonly error: unknown } | null = null;
  #asking = false;

  constructor(db: Database) {
    this.#db = db;
  }

  latest(): number | null {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#asking) return this.#latest;
    this.#asking = true;
    this.#ask().then(
      () => {
        this.#asking = false;
      },
      (error: unknown) => {
        this.#failure = { error };
      },
    );
    return this.#latest;
  }

  /** Resolves when nothing is pending any more. */
  async drained(): Promise<void> {
    while ((await this.#ask()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async #ask(): Promise<number> {
    const { pendingOperations } = await this.#db.info();
    this.#latest = pendingOperations;
    return pendingOperations;
  }
}
