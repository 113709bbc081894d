/**
 * Opens the folder of the applied state, or builds it anew when it cannot be trusted: nothing in
 * it is the only copy of anything. A snapshot of the state and the log after it have it all.
 *
 * | what is found                              | what happens                      |
 * |--------------------------------------------|-----------------------------------|
 * | no folder                                  | built                             |
 * | damage that an audit found                 | set aside, built                  |
 * | LevelDB cannot open it                     | set aside, built                  |
 * | no meta record (a build was interrupted)   | set aside, built                  |
 * | meta record damaged                        | set aside, built                  |
 * | older format                               | set aside, built                  |
 * | newer format                               | refused (THEMIS_FORMAT_NEWER)     |
 * | another cluster's                          | set aside, built                  |
 * | state older than the log reaches back      | set aside, built                  |
 * | state newer than the log                   | set aside, built                  |
 * | open in another process                    | refused (LEVEL_LOCKED)            |
 * | anything else                              | opened; its history is removed    |
 *
 * A build writes the meta record last, in a synced batch: until then the folder counts as
 * unfinished. One earlier folder is kept aside for inspection.
 */
import { compareBytes, isThemisError, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { clearHistory } from './applier-history.js';
import type { KeyValueStore, KeyValueStores } from './key-value-store.js';
import { blobKey, metaKey, toStoredKey } from './state-key.js';
import {
  currentHeaderBytes,
  decodeMeta,
  encodeBlobEntry,
  encodeCurrent,
  encodeMeta,
  type StateMeta,
  stateFormat,
  valueKinds,
} from './state-record.js';
import { blobOf } from './stored-value.js';

export interface StateEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly version: number;
  readonly kind: number;
}

/** Where a state is built from: the entries of a snapshot, or nothing (index 0). */
export interface RebuildSource {
  /** The last record that the entries contain, and its ballot; the log continues after it. */
  readonly index: number;
  readonly ballot: number;
  /** In the order of their keys, each key once. */
  entries(): Iterable<StateEntry> | AsyncIterable<StateEntry>;
}

export interface StateFolderOptions {
  readonly stores: KeyValueStores;
  readonly path: string;
  readonly kernel: Kernel;
  readonly clusterId: Uint8Array;
  /** What an audit of the folder's files found, or null. */
  readonly damage: string | null;
  /** The records that the log still has: (logStart, logEnd]. State outside them is of no use. */
  readonly logStart: number;
  readonly logEnd: number;
  readonly source: RebuildSource;
  /** Entries written so far; called after each batch of a build. */
  readonly onProgress?: (entries: number) => void;
  /** Called with the reason before a state that cannot be used is set aside. */
  readonly onUnusable?: (why: string) => void;
}

export interface OpenedState {
  readonly store: KeyValueStore;
  readonly meta: StateMeta;
  /** Why the state was built anew, or null. */
  readonly rebuilt: string | null;
}

type Found =
  | { readonly kind: 'usable'; readonly store: KeyValueStore; readonly meta: StateMeta }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * Opens or builds the state. The log's records after `meta.appliedIndex` are then to be applied.
 * Throws LEVEL_LOCKED, THEMIS_FORMAT_NEWER, and what reading the source throws.
 */
export async function openState(options: StateFolderOptions): Promise<OpenedState> {
  const found = await examine(options);
  switch (found.kind) {
    case 'usable':
      return { store: found.store, meta: found.meta, rebuilt: null };
    case 'absent':
      return build(options, options.source.index === 0 ? null : 'its folder was missing');
    case 'unusable':
      options.onUnusable?.(found.why);
      setAside(options);
      return build(options, found.why);
  }
}

/** The name under which a state that was replaced is kept. */
export function asidePath(path: string): string {
  return `${path}.broken`;
}

async function examine(options: StateFolderOptions): Promise<Found> {
  if (!options.stores.exists(options.path)) return { kind: 'absent' };
  if (options.damage !== null) return { kind: 'unusable', why: options.damage };
  let store: KeyValueStore;
  try {
    store = await options.stores.open(options.path);
  } catch (error) {
    if (!isThemisError(error, 'THEMIS_STATE_CORRUPT')) throw error;
    return { kind: 'unusable', why: messageOf(error) };
  }
  try {
    const meta = await readMeta(store, options.kernel);
    const why = typeof meta === 'string' ? meta : objectionTo(meta, options);
    if (why === null && typeof meta !== 'string') {
      await clearHistory(store, options.kernel);
      return { kind: 'usable', store, meta };
    }
    await store.close();
    return { kind: 'unusable', why: why ?? 'its meta record is missing' };
  } catch (error) {
    await store.close();
    if (!isThemisError(error, 'THEMIS_STATE_CORRUPT')) throw error;
    return { kind: 'unusable', why: messageOf(error) };
  }
}

/** The meta record, or what is wrong with it. */
async function readMeta(store: KeyValueStore, kernel: Kernel): Promise<StateMeta | string> {
  try {
    const record = await store.get(metaKey);
    return record === undefined ? 'it was left unfinished' : decodeMeta(kernel, record);
  } catch (error) {
    if (isThemisError(error, 'THEMIS_STATE_CORRUPT')) return error.message;
    throw error;
  }
}

function objectionTo(meta: StateMeta, options: StateFolderOptions): string | null {
  if (meta.format > stateFormat) {
    throw new ThemisError(
      'THEMIS_FORMAT_NEWER',
      `The state in ${options.path} has format ${meta.format}, this Themis knows ${stateFormat}; ` +
        'upgrade Themis to open it.',
    );
  }
  if (meta.format < stateFormat) return `its format ${meta.format} is older than ${stateFormat}`;
  if (compareBytes(meta.clusterId, options.clusterId) !== 0) return "it is another cluster's";
  if (meta.appliedIndex < options.logStart) {
    return `it ends at ${meta.appliedIndex}, and the log starts after ${options.logStart}`;
  }
  if (meta.appliedIndex > options.logEnd) {
    return `it ends at ${meta.appliedIndex}, after the log's end at ${options.logEnd}`;
  }
  return null;
}

function setAside({ stores, path }: StateFolderOptions): void {
  stores.remove(asidePath(path));
  stores.rename(path, asidePath(path));
}

async function build(options: StateFolderOptions, rebuilt: string | null): Promise<OpenedState> {
  const { source, clusterId } = options;
  const store = await options.stores.open(options.path);
  try {
    await fill(store, options);
    const { index: appliedIndex, ballot: appliedBallot } = source;
    const meta = { format: stateFormat, clusterId, appliedIndex, appliedBallot };
    const batch = store.batch();
    batch.put(metaKey, encodeMeta(options.kernel, meta));
    await store.write(batch, { sync: true });
    return { store, meta, rebuilt };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Writes the source's entries; while one batch is written the next one fills. */
async function fill(store: KeyValueStore, options: StateFolderOptions): Promise<void> {
  const { kernel, source, onProgress } = options;
  let [filling, other] = [store.batch(), store.batch()];
  let written: Promise<void> = Promise.resolve();
  let operations = 0;
  let bytes = 0;
  let total = 0;
  const send = async (): Promise<void> => {
    await written;
    onProgress?.(total);
    written = store.write(filling, { sync: false });
    written.catch(() => undefined); // Its rejection is taken up by the next `await written`.
    [filling, other] = [other, filling];
    filling.clear();
    operations = 0;
    bytes = 0;
  };
  for await (const { key, value, version, kind } of source.entries()) {
    filling.put(toStoredKey(key), encodeCurrent(kernel, key, version, value, kind));
    if (kind === valueKinds.blob) {
      const blob = blobOf(value);
      filling.put(blobKey(blob), encodeBlobEntry(kernel, blob, key, value));
    }
    operations++;
    total++;
    bytes += key.length + value.length + currentHeaderBytes;
    if (operations >= limits.applyOperationsMax || bytes >= limits.applyBytesMax) await send();
  }
  if (operations > 0) await send();
  await written;
  onProgress?.(total);
}
