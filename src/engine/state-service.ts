/**
 * Brings the state up where it runs: opened or rebuilt, then brought up to the end of the log. In
 * the state thread in production (workers/state.ts), inline over memory twins in tests.
 *
 * Two phases, because the handle that the main loop reads through must be the first to open the
 * LevelDB folder (it owns the cache that all handles share):
 *   prepare   audit's verdict, open or rebuild, close again; says what index the state has
 *   serve     open as a second handle; the loop applies the rest of the log, then the ring
 */
import { isThemisError, ThemisError } from '../base/index.js';
import type { FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  Applier,
  type BlobReference,
  type KeyValueStore,
  type KeyValueStores,
  type LiveSnapshots,
  LogReplay,
  type OpenedState,
  openState,
  type RebuildSource,
  type StateControl,
  StateLoop,
  type StateMeta,
} from '../metadata/index.js';
import {
  type Identity,
  LogReader,
  type LogTail,
  openSnapshot,
  positionOf,
  RingReader,
  setSnapshotAside,
} from '../wal/index.js';
import { type BatchPlace, commandStream } from './log-service.js';
import type { StateMeter } from './state-meter.js';

/** The folder of the applied state in a data folder. */
export function stateDirectory(directory: string): string {
  return `${directory}/state`;
}

export interface StatePrepare {
  /** The data folder, and the state's in it. */
  readonly directory: string;
  readonly statePath: string;
  readonly identity: Identity;
  /** What the audit found wrong, or null. */
  readonly damage: string | null;
  /** The log has the records behind this index; 0 while nothing is known of it. */
  readonly logStart: number;
  /** Newest first. */
  readonly snapshots: readonly { readonly path: string; readonly index: number }[];
}

export interface PreparedState {
  /** What the state contains. */
  readonly meta: StateMeta;
  readonly rebuilt: { readonly why: string; readonly from: string } | null;
  /** Snapshots that were moved aside because they failed their checks. */
  readonly setAside: readonly string[];
}

export interface StateAround {
  readonly fileSystem: FileSystem;
  readonly stores: KeyValueStores;
  readonly kernel: Kernel;
}

/** Opens or rebuilds the state and closes it again. */
export async function prepareState(
  start: StatePrepare,
  around: StateAround,
): Promise<PreparedState> {
  const setAside: string[] = [];
  let unusable: string | null = null;
  for (const snapshot of [...start.snapshots, null]) {
    try {
      const opened = await openFrom(start, around, snapshot, (reason) => {
        unusable ??= reason;
      });
      await opened.store.close();
      const from = snapshot === null ? 'the log' : `${snapshot.path} and the log`;
      return {
        meta: opened.meta,
        rebuilt: opened.rebuilt === null ? null : { why: unusable ?? opened.rebuilt, from },
        setAside,
      };
    } catch (error) {
      if (snapshot === null || !isThemisError(error, 'THEMIS_SNAPSHOT_CORRUPT')) throw error;
      setAside.push(setSnapshotAside(around.fileSystem, start.directory, snapshot.path));
      around.stores.remove(start.statePath);
    }
  }
  throw new ThemisError('THEMIS_ASSERTION', 'the list of sources ends with none');
}

async function openFrom(
  start: StatePrepare,
  around: StateAround,
  snapshot: { readonly path: string; readonly index: number } | null,
  onUnusable: (why: string) => void,
): Promise<OpenedState> {
  return openState({
    stores: around.stores,
    path: start.statePath,
    kernel: around.kernel,
    clusterId: start.identity.clusterId,
    damage: start.damage,
    logStart: start.logStart,
    // A state that is ahead of the log has what the log lost; the engine decides about that.
    logEnd: Number.MAX_SAFE_INTEGER,
    source: lazySource(start, around, snapshot),
    onUnusable,
  });
}

/** Opens the snapshot only when the state must be rebuilt from it. */
function lazySource(
  start: StatePrepare,
  around: StateAround,
  snapshot: { readonly path: string; readonly index: number } | null,
): RebuildSource {
  if (snapshot === null) return { index: 0, ballot: 0, entries: () => noEntries(start) };
  let reader: ReturnType<typeof openSnapshot> | null = null;
  const open = () => {
    reader ??= openSnapshot(around.fileSystem, snapshot.path, around.kernel, start.identity);
    return reader;
  };
  return {
    index: snapshot.index,
    get ballot() {
      return open().manifest.ballot;
    },
    entries: () => open().entries(),
  };
}

function noEntries(start: StatePrepare): readonly never[] {
  if (start.logStart === 0) return [];
  throw new ThemisError(
    'THEMIS_SNAPSHOT_CORRUPT',
    `The state must be rebuilt, but the log begins after ${start.logStart} and no sound snapshot ` +
      'reaches up to there. Restore the folder from a backup.',
  );
}

export interface StateServe {
  readonly directory: string;
  readonly statePath: string;
  readonly meta: StateMeta;
  readonly segmentBytes: number;
  readonly tail: LogTail;
  /** See LogReport; damage before it is in nobody's way. */
  readonly replayFrom: BatchPlace | null;
  /** The last record that is committed: of the log, or what the state has. */
  readonly lastIndex: number;
}

export interface ServingState {
  readonly loop: StateLoop;
  readonly store: KeyValueStore;
}

export interface ServeAround extends StateAround {
  readonly ring: Uint8Array;
  readonly control: StateControl;
  readonly liveSnapshots: LiveSnapshots;
  /** Memory to read the log through. */
  readonly staging: Uint8Array;
  readonly meter: StateMeter;
  /** Told of blobs that no readable value names any more. */
  readonly died: (blobs: readonly BlobReference[]) => void;
}

/** Opens the prepared state and makes the loop that applies the rest of the log, then the ring. */
export async function serveState(start: StateServe, around: ServeAround): Promise<ServingState> {
  const { kernel, fileSystem, liveSnapshots, control } = around;
  const { tail, segmentBytes, directory } = start;
  const store = await around.stores.open(start.statePath);
  const applier = new Applier({
    store,
    kernel,
    liveSnapshots,
    meta: start.meta,
    stream: commandStream,
    applied: around.meter.batch,
    died: around.died,
  });
  await applier.load();
  const segment = positionOf(tail, segmentBytes, commandStream, start.meta.appliedIndex + 1);
  const { sequence, offset } = start.replayFrom ?? { sequence: 0, offset: 0 };
  const from = Math.max(segment, sequence * segmentBytes + offset);
  const limit = tail.sequence * segmentBytes + tail.offset;
  const staging = around.staging;
  const reader = new LogReader({ fileSystem, directory, kernel, segmentBytes, staging }, from);
  const replay = new LogReplay({ reader, applier, stream: commandStream, limit });
  const ring = new RingReader(around.ring);
  return { loop: new StateLoop({ control, ring, applier, liveSnapshots, replay }), store };
}
