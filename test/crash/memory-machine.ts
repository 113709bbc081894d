/**
 * A machine in memory that a store runs on, and that loses power: files, the state's stores, and a
 * store opened over them with small sizes.
 */
import { assert, bufferOf, isThemisError, KiB } from '../../src/base/index.js';
import { type ValidatedOptions, validateOptions } from '../../src/config/index.js';
import { createMemoryBackend, type MemoryBackend } from '../../src/engine/backend-memory.js';
import { openStoreOn } from '../../src/engine/open-store.js';
import type { Store } from '../../src/engine/store.js';
import {
  type CrashChoice,
  type FileSystem,
  ManualClock,
  MemoryFileSystem,
  memoryTimers,
  seededRandom,
} from '../../src/io/index.js';
import { loadKernel } from '../../src/kernel/index.js';
import { BlobReference, MemoryStores, type StoredValue } from '../../src/metadata/index.js';
import type { Contents } from './store-model.js';

export const location = '/data';
export const statePath = `${location}/state`;
export const segmentBytes = 64 * KiB;

const kernel = loadKernel({ force: undefined });

export interface Machine {
  readonly files: MemoryFileSystem;
  readonly stores: MemoryStores;
  /** How often a store was opened on it: each draws other random numbers. */
  opens: number;
}

export interface OpenedStore {
  readonly store: Store;
  /** Time passes when the test says so. */
  readonly clock: ManualClock;
  readonly backend: MemoryBackend;
}

export type SmallOptions = Partial<
  Pick<
    ValidatedOptions,
    'durability' | 'syncMode' | 'recovery' | 'devices' | 'redundancy' | 'inlineBytesMax'
  >
>;

/** Four small devices, of which any one may be lost; values above 300 bytes go there. */
export const onDevices: SmallOptions = {
  devices: ['/device-0', '/device-1', '/device-2', '/device-3'],
  redundancy: { mode: 'PARITY', data: 2, parity: 1 },
  inlineBytesMax: 300,
};

export function newMachine(capacityBytes?: number): Machine {
  const files = new MemoryFileSystem(capacityBytes === undefined ? {} : { capacityBytes });
  return { files, stores: new MemoryStores(), opens: 0 };
}

/** What a power cut now may leave of both. */
export function powerCut({ files, stores, opens }: Machine, choice: CrashChoice): Machine {
  const kept = (_path: string, unsynced: number): number => {
    if (choice === 'keep-all') return unsynced;
    return choice === 'drop-unsynced' ? 0 : choice.random.below(unsynced + 1);
  };
  return { files: files.crash(choice), stores: stores.crashed(kept), opens };
}

/** A copy that shares nothing that changes, also not the lock. */
export function copyOf({ files, stores, opens }: Machine): Machine {
  return { files: files.clone(), stores: stores.crashed((_path, unsynced) => unsynced), opens };
}

/** Opens the store; `fileSystem` may be a faulty one over the machine's files. */
export async function openOn(
  machine: Machine,
  options: SmallOptions = {},
  fileSystem: FileSystem = machine.files,
  volumeBytes = 128 * KiB,
): Promise<OpenedStore> {
  const clock = new ManualClock();
  machine.opens++;
  const random = seededRandom(7 + machine.opens);
  const { stores } = machine;
  const timers = memoryTimers(clock);
  const backend = createMemoryBackend({
    fileSystem,
    stores,
    clock,
    timers,
    random,
    kernel,
    volumeBytes,
  });
  const store = await openStoreOn(backend, {
    ...validateOptions(location, { segmentBytes, ...options }),
    ringBytes: 256 * KiB,
  });
  return { store, clock, backend };
}

/** Everything that a scan finds; a single read must find the same. */
export async function contentsOf(store: Store): Promise<Contents> {
  const found = new Map<string, string>();
  const cursor = store.iterate({});
  for (;;) {
    const entries = await cursor.nextv(100);
    if (entries.length === 0) break;
    for (const [key, stored] of entries) {
      const text = textOf(key);
      const value = await wholeOf(store, stored);
      assert(!found.has(text), `${text} is found once`);
      found.set(text, textOf(value));
      assert(textOf(store.getSync(key)) === textOf(value), `get and scan agree on ${text}`);
    }
  }
  await cursor.close();
  return found;
}

/** The bytes of a value, also when they lie on devices. */
export async function wholeOf(store: Store, stored: StoredValue): Promise<Uint8Array> {
  return stored instanceof BlobReference ? store.whole(stored) : stored;
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : bufferOf(bytes).toString('latin1');
}

/** Waits for `work`; what waits for time to pass gets it. Throws when nothing helps. */
export async function finished<T>(work: Promise<T>, tick: () => void): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  work.then(done, done);
  for (let turns = 0; !settled; turns++) {
    assert(turns < 200, 'the store answers');
    // Everything in memory happens in microtasks: after them, only time can help.
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled && turns > 0) tick();
  }
  return work;
}

/** The code of the typed error that `work` ends with, or null when it succeeds. */
export async function codeOfFailure(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (!isThemisError(error)) throw error;
    return error.code;
  }
}
