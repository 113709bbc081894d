/**
 * Writes a snapshot of the applied state: in a compute thread, from a handle of its own, so that
 * neither the main loop nor the state thread waits. The applied index is read from the same
 * snapshot of the store as the records (one iterator serves both), so they always agree.
 */
import { ThemisError } from '../base/index.js';
import type { FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { SnapshotWriter, snapshotPath } from '../wal/index.js';
import type { KeyValueIterator, KeyValueStore } from './key-value-store.js';
import { metaKey, toUserKey, userKeysEnd } from './state-key.js';
import {
  checkCurrent,
  decodeMeta,
  kindOfRecord,
  recordVersion,
  valueBytes,
} from './state-record.js';

/** Records read in one call. */
const readAhead = 1000;

export interface SnapshotTaskOptions {
  readonly store: KeyValueStore;
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  /** The data folder; snapshots lie in its `snapshots`. */
  readonly directory: string;
  readonly clusterId: Uint8Array;
  readonly nodeId: Uint8Array;
  readonly membershipEpoch: number;
  readonly wallMs: number;
}

export interface WrittenSnapshot {
  readonly index: number;
  readonly entries: number;
  readonly bytes: number;
  readonly path: string;
}

/**
 * Writes, syncs, verifies and names a snapshot. Errors: THEMIS_STATE_CORRUPT when a record of the
 * state fails its checks, THEMIS_DISK_FULL, the system's errors; nothing is left behind but a
 * `.partial`, which the next open removes.
 */
export async function writeStateSnapshot(options: SnapshotTaskOptions): Promise<WrittenSnapshot> {
  const { store, fileSystem, kernel, directory } = options;
  const iterator = store.iterate({});
  let writer: SnapshotWriter | null = null;
  try {
    const meta = await readMeta(iterator, kernel);
    const path = snapshotPath(directory, meta.appliedIndex);
    writer = new SnapshotWriter(fileSystem, path, kernel, {
      clusterId: options.clusterId,
      nodeId: options.nodeId,
      index: meta.appliedIndex,
      ballot: meta.appliedBallot,
      membershipEpoch: options.membershipEpoch,
      createdMs: options.wallMs,
    });
    await copyRecords(iterator, writer, kernel);
    const manifest = writer.finish();
    writer = null;
    return { index: manifest.index, entries: manifest.entries, bytes: manifest.fileBytes, path };
  } finally {
    writer?.abort();
    await iterator.close();
  }
}

async function readMeta(iterator: KeyValueIterator, kernel: Kernel) {
  iterator.seek(metaKey);
  const [entry] = await iterator.nextv(1);
  if (entry === undefined || !entry[0].equals(metaKey)) {
    const message = 'The state has no applied index; close and reopen to rebuild it.';
    throw new ThemisError('THEMIS_STATE_CORRUPT', message);
  }
  iterator.seek(new Uint8Array(0));
  return decodeMeta(kernel, entry[1]);
}

async function copyRecords(
  iterator: KeyValueIterator,
  writer: SnapshotWriter,
  kernel: Kernel,
): Promise<void> {
  for (;;) {
    const entries = await iterator.nextv(readAhead);
    if (entries.length === 0) return;
    for (const [stored, record] of entries) {
      if (stored.compare(userKeysEnd) >= 0) return;
      const key = toUserKey(stored);
      checkCurrent(kernel, key, record);
      writer.add(key, valueBytes(record), recordVersion(record), kindOfRecord(record));
    }
  }
}
