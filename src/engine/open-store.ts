/**
 * Opens a folder, step by step; every step that was taken is undone when a later one fails.
 *
 *   1  lock       one process at a time
 *   2  folder     identity, or a new folder
 *   3  log        superblock, recovery, ballot; in its thread, while compute threads
 *      survey     audit LevelDB's files and look through the snapshots
 *   4  prepare    the state is opened or rebuilt
 *   5  decide     is what the log lost, if anything, in the state already?
 *   6  serve      read handle, then the state thread applies the rest of the log
 */
import { limits, type ValidatedOptions } from '../config/index.js';
import { createSingleVoter, type ReplicatedLog } from '../consensus/index.js';
import { alignedBytes } from '../io/index.js';
import {
  type AuditResult,
  type KeyValueStore,
  LiveSnapshots,
  PendingIndex,
  StateControl,
  VersionedReader,
} from '../metadata/index.js';
import { MetricsArena } from '../telemetry/index.js';
import type { Backend, SharedParts, StartedLogClient, StartedStateClient } from './backend.js';
import { createNodeBackend } from './backend-node.js';
import { Checkpoint } from './checkpoint.js';
import { Committer } from './committer.js';
import type { SnapshotSurvey, TaskSetting } from './compute-tasks.js';
import { judgeLog, type LogVerdict } from './damage-verdict.js';
import { openFolder, prepareFolder } from './folder.js';
import { commandStream } from './log-service.js';
import { defineMetrics, type EngineMetrics } from './metric-catalog.js';
import { Observation } from './observation.js';
import { type PreparedState, stateDirectory } from './state-service.js';
import type { RecoveryReport } from './status.js';
import { Store } from './store.js';
import { systemFailure } from './system-failure.js';
import { Undo } from './undo.js';

/** Opens the store of a folder; Themis takes another one in tests. */
export type OpenStore = (options: ValidatedOptions) => Promise<Store>;

export const openStore: OpenStore = (options) =>
  openStoreOn(
    createNodeBackend({ kernel: options.kernel, computeThreads: options.computeThreads }),
    options,
  );

/** What every step needs. */
interface Opening {
  readonly backend: Backend;
  readonly options: ValidatedOptions;
  readonly shared: SharedParts;
  readonly metrics: EngineMetrics;
  readonly undo: Undo;
  readonly beganMs: number;
}

/** What steps 3 to 6 found and made. */
interface Recovered extends StartedLogClient, StartedStateClient {
  readonly setting: TaskSetting;
  readonly survey: SnapshotSurvey;
  readonly prepared: PreparedState;
  readonly verdict: LogVerdict;
  readonly readHandle: KeyValueStore;
  readonly replicated: ReplicatedLog;
}

export async function openStoreOn(backend: Backend, options: ValidatedOptions): Promise<Store> {
  const undo = new Undo();
  undo.add(() => backend.close());
  const arena = new MetricsArena();
  const opening: Opening = {
    backend,
    options,
    undo,
    metrics: defineMetrics(arena),
    shared: {
      ring: alignedBytes(options.ringBytes, { shared: true }),
      stateControl: new StateControl(),
      liveSnapshots: new LiveSnapshots(),
      metrics: arena,
    },
    beganMs: backend.clock.monotonicMs(),
  };
  try {
    return await assemble(opening, await recover(opening));
  } catch (error) {
    // What taking the steps back finds broken has the same cause; the first failure is told.
    await undo.run().catch(() => undefined);
    throw systemFailure(`Opening ${options.location}`, error);
  }
}

/** Steps 1 to 6. */
async function recover(opening: Opening): Promise<Recovered> {
  const { backend, options, shared, undo } = opening;
  const directory = options.location;
  const statePath = stateDirectory(directory);
  prepareFolder(backend, options);
  undo.add(await backend.lock(directory));
  const { clusterId, nodeId } = openFolder(backend, options);
  const identity = { clusterId, nodeId };
  const setting: TaskSetting = { directory, kernel: options.kernel, identity };
  const { started, audit, survey } = await startAndSurvey(opening, setting);
  const { log, report } = started;
  const prepared = await backend.compute('prepare-state', {
    ...setting,
    statePath,
    damage: describeDamage(audit),
    firstIndex: report.firstIndex,
    lastIndex: report.lastIndex,
    snapshots: survey.snapshots,
  });
  const { appliedIndex } = prepared.meta;
  const verdict = judgeLog(report, appliedIndex, options.recovery);
  if (verdict.restartLog) await log.restart(commandStream);
  const readHandle = await backend.openReadHandle(statePath);
  undo.add(() => readHandle.close());
  const { client, replayed } = await backend.startState(
    {
      directory,
      statePath,
      meta: prepared.meta,
      segmentBytes: options.segmentBytes,
      tail: report.tail,
    },
    shared,
  );
  undo.add(() => client.close());
  const replicated = createSingleVoter({
    storage: log,
    stream: commandStream,
    ballot: report.ballot,
    lastIndex: Math.max(report.lastIndex, appliedIndex),
  });
  const found = { setting, survey, prepared, verdict };
  return { ...found, log, report, client, replayed, readHandle, replicated };
}

/** Step 3: the log in its thread, the audits in compute threads, side by side. */
async function startAndSurvey(opening: Opening, setting: TaskSetting) {
  const { backend, options, shared, undo } = opening;
  const surveying = Promise.all([
    backend.compute('audit-state', setting),
    backend.compute('survey-snapshots', setting),
  ]);
  // When the log does not start, that is the error to tell; this one is then nobody's.
  surveying.catch(() => undefined);
  const started = await backend.startLog(
    {
      directory: setting.directory,
      identity: setting.identity,
      syncMode: syncModeOf(options),
      segmentBytes: options.segmentBytes,
      acceptLoss: options.recovery === 'accept-loss',
    },
    shared,
  );
  undo.add(() => started.log.close());
  const [audit, survey] = await surveying;
  return { started, audit, survey };
}

/** `auto` is the fastest that survives measurement here: see docs/ARCHITECTURE.md. */
function syncModeOf(options: ValidatedOptions) {
  if (options.durability === 'buffered') return 'buffered';
  return options.syncMode === 'auto' ? 'direct' : options.syncMode;
}

function describeDamage(audit: AuditResult): string | null {
  return audit.kind === 'damaged' ? `${audit.file} at ${audit.offset}: ${audit.why}` : null;
}

/** Puts the store together from what was recovered. */
async function assemble(opening: Opening, recovered: Recovered): Promise<Store> {
  const { backend, shared, undo, metrics, options } = opening;
  const { log, report, client, replicated, readHandle } = recovered;
  const { kernel } = backend.kernel;
  const { liveSnapshots, ring: memory } = shared;
  const pending = new PendingIndex(memory);
  const commandBytesMax = Math.min(limits.commandBytesMax, report.batchBytesMax - 64);
  const committer = new Committer({
    log: replicated,
    pending,
    commandBytesMax,
    rejected: metrics.countFailure,
  });
  const reader = new VersionedReader({
    store: readHandle,
    kernel,
    pending,
    memory,
    liveSnapshots,
    failed: metrics.countFailure,
  });
  const checkpoint = createCheckpoint(opening, recovered);
  const observation = new Observation({
    options,
    backend,
    arena: shared.metrics,
    metrics,
    log,
    replicated,
    state: client,
    pending,
    liveSnapshots,
    checkpoint,
    recovery: recoveryReport(opening, recovered),
    syncMode: report.mode,
    openWriters: () => committer.openWriters,
    failure: () => committer.failure,
  });
  undo.add(() => observation.close());
  await observation.listen();
  const shutDown = () => undo.run();
  const parts = { log: replicated, pending, reader, state: client, liveSnapshots };
  const store = new Store({ ...parts, committer, checkpoint, observation, metrics, shutDown });
  if (recovered.verdict.snapshotWanted) checkpoint.want();
  return store;
}

function createCheckpoint(opening: Opening, recovered: Recovered): Checkpoint {
  const { backend, options, metrics } = opening;
  const { client, log, replicated, survey, report, setting } = recovered;
  return new Checkpoint({
    snapshotLogBytes: options.snapshotLogBytes,
    snapshots: survey.snapshots,
    loggedBytes: report.bytes,
    whenApplied: () => client.whenApplied(replicated.committedIndex),
    write: () =>
      backend.compute('write-snapshot', {
        ...setting,
        membershipEpoch: report.membershipEpoch,
        wallMs: backend.clock.wallMs(),
      }),
    prune: async () => {
      await backend.compute('prune-snapshots', setting);
    },
    syncState: () => client.sync(),
    truncateLog: (index) => replicated.truncate(index),
    logBytes: () => log.appendedBytes,
    taken: () => metrics.snapshotsTaken.inc(),
  });
}

function recoveryReport(opening: Opening, recovered: Recovered): RecoveryReport {
  const { report, prepared, survey, verdict, replayed } = recovered;
  const { torn } = report;
  return {
    durationMs: opening.backend.clock.monotonicMs() - opening.beganMs,
    logRecords: report.records,
    logBytes: report.bytes,
    replayedRecords: replayed,
    tornTail: torn === null ? null : { ...torn, aside: torn.aside.join(', ') },
    damages: verdict.notes,
    rebuilt: prepared.rebuilt,
    setAside: [...survey.setAside.map(({ path }) => path), ...prepared.setAside],
  };
}

