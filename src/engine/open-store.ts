/**
 * Opens a folder, step by step; every step that was taken is undone when a later one fails.
 *
 *   1  lock       one process at a time
 *   2  folder     identity, or a new folder
 *   3  prepare    snapshots are looked through, the state is audited, then opened or rebuilt
 *   4  log        superblock, recovery, ballot; what the state has not yet becomes the backlog
 *   5  decide     is what the log lost, if anything, in the state already?
 *   6  serve      read handle; the state thread applies the backlog behind the first reads
 */
import { bufferOf, ThemisError } from '../base/index.js';
import { limits, type ValidatedOptions } from '../config/index.js';
import { createSingleVoter, type ReplicatedLog } from '../consensus/index.js';
import { alignedBytes } from '../io/index.js';
import {
  type AuditResult,
  BlobReference,
  type KeyValueStore,
  LiveSnapshots,
  PendingIndex,
  StateControl,
  VersionedReader,
} from '../metadata/index.js';
import { MetricsArena } from '../telemetry/index.js';
import type { Backend, SharedParts, StartedLogClient } from './backend.js';
import { createNodeBackend } from './backend-node.js';
import { BacklogReader, findInLog } from './backlog-reader.js';
import { BlobCatalog } from './blob-catalog.js';
import { BlobLayer } from './blob-layer.js';
import { Checkpoint } from './checkpoint.js';
import { Committer } from './committer.js';
import type { SnapshotSurvey, TaskSetting } from './compute-tasks.js';
import { judgeLog, type LogVerdict } from './damage-verdict.js';
import { openFolder, prepareFolder } from './folder.js';
import { commandStream, type LogReport, stagingBytes } from './log-service.js';
import { defineMetrics, type EngineMetrics } from './metric-catalog.js';
import { Observation } from './observation.js';
import type { StateClient } from './state-client.js';
import { DoubtKeeper } from './state-doubt.js';
import { type PreparedState, stateDirectory } from './state-service.js';
import type { RecoveryReport } from './status.js';
import { Store } from './store.js';
import { systemFailure } from './system-failure.js';
import { Undo } from './undo.js';
import { ValueWriter } from './value-writer.js';

/** Opens the store of a folder; Themis takes another one in tests. */
export type OpenStore = (options: ValidatedOptions) => Promise<Store>;

export const openStore: OpenStore = (options) =>
  openStoreOn(
    createNodeBackend({
      kernel: options.kernel,
      coder: options.coder,
      computeThreads: options.computeThreads,
      deviceThreads: options.deviceThreads,
      cacheBytes: options.cacheBytes,
    }),
    options,
  );

/** Bytes of a command beside key and value, with room to spare. */
const commandOverheadBytes = 64;

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
interface Recovered extends StartedLogClient {
  readonly state: StateClient;
  readonly setting: TaskSetting;
  readonly survey: SnapshotSurvey;
  readonly prepared: PreparedState;
  readonly verdict: LogVerdict;
  readonly readHandle: KeyValueStore;
  readonly replicated: ReplicatedLog;
  /** The newest record that log or state had at the open. */
  readonly lastIndex: number;
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
      // Not a WebAssembly.Memory: each of those reserves 10 GiB of addresses until it is collected.
      ring: new Uint8Array(new SharedArrayBuffer(options.ringBytes)),
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
  prepareFolder(backend, options);
  undo.add(await backend.lock(directory));
  const { clusterId, nodeId } = openFolder(backend, options);
  const identity = { clusterId, nodeId };
  const setting: TaskSetting = { directory, kernel: options.kernel, identity };
  const survey = await backend.compute('survey-snapshots', setting);
  const first = await prepare(opening, setting, survey, 0);
  const started = await startLog(opening, setting, first.meta.appliedIndex);
  const { log, report } = started;
  const prepared = await closeGap(opening, setting, survey, report, first);
  const { appliedIndex } = prepared.meta;
  const verdict = judgeLog(report, appliedIndex, options.recovery);
  if (verdict.restartLog) await log.restart(commandStream);
  const statePath = stateDirectory(directory);
  const readHandle = await backend.openReadHandle(statePath);
  undo.add(() => readHandle.close());
  const lastIndex = Math.max(report.lastIndex, appliedIndex);
  shared.stateControl.reset(0, appliedIndex);
  const { segmentBytes } = options;
  const { tail, replayFrom } = report;
  const { meta } = prepared;
  const state = await backend.startState(
    { directory, statePath, meta, segmentBytes, tail, replayFrom, lastIndex },
    shared,
  );
  undo.add(() => state.close());
  const replicated = createSingleVoter({
    storage: log,
    stream: commandStream,
    ballot: report.ballot,
    lastIndex,
  });
  const found = { setting, survey, prepared, verdict, lastIndex };
  return { ...found, log, report, state, readHandle, replicated };
}

/** Audits the state's files, and opens or rebuilds it. */
async function prepare(
  { backend }: Opening,
  setting: TaskSetting,
  { snapshots }: SnapshotSurvey,
  logStart: number,
): Promise<PreparedState> {
  const audit = await backend.compute('audit-state', setting);
  const statePath = stateDirectory(setting.directory);
  const damage = describeDamage(audit);
  return backend.compute('prepare-state', { ...setting, statePath, damage, logStart, snapshots });
}

/** A state that ends before the log begins is rebuilt from a snapshot that does not. */
async function closeGap(
  opening: Opening,
  setting: TaskSetting,
  survey: SnapshotSurvey,
  report: LogReport,
  prepared: PreparedState,
): Promise<PreparedState> {
  const logStart = report.firstIndex === 0 ? 0 : report.firstIndex - 1;
  if (prepared.meta.appliedIndex >= logStart) return prepared;
  const again = await prepare(opening, setting, survey, logStart);
  const { appliedIndex } = again.meta;
  if (appliedIndex >= logStart) return again;
  throw new ThemisError(
    'THEMIS_LOG_CORRUPT',
    `The log begins after record ${logStart}, but what is left of state and snapshots ends at ` +
      `${appliedIndex}. Restore the folder from a backup.`,
  );
}

async function startLog(
  opening: Opening,
  setting: TaskSetting,
  appliedIndex: number,
): Promise<StartedLogClient> {
  const { backend, options, shared, undo } = opening;
  const started = await backend.startLog(
    {
      directory: setting.directory,
      identity: setting.identity,
      syncMode: syncModeOf(options),
      segmentBytes: options.segmentBytes,
      acceptLoss: options.recovery === 'accept-loss',
      appliedIndex,
    },
    shared,
  );
  undo.add(() => started.log.close());
  return started;
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
  const { log, report, state, replicated } = recovered;
  const { liveSnapshots } = shared;
  const pending = new PendingIndex(shared.ring);
  const commandBytesMax = Math.min(limits.commandBytesMax, report.batchBytesMax - 64);
  const committer = new Committer({
    log: replicated,
    pending,
    commandBytesMax,
    rejected: metrics.countFailure,
  });
  const reader = createReader(opening, recovered, pending);
  const blobs = createBlobLayer(opening, recovered, reader);
  const checkpoint = createCheckpoint(opening, recovered);
  const observation = new Observation({
    options,
    backend,
    arena: shared.metrics,
    metrics,
    log,
    replicated,
    state,
    pending,
    liveSnapshots,
    checkpoint,
    recovery: recoveryReport(opening, recovered),
    syncMode: report.mode,
    openWriters: () => committer.openWriters,
    failure: () => committer.failure,
    sampleBlobs: () => blobs.sample(),
  });
  undo.add(() => observation.close());
  await observation.listen();
  const shutDown = () => undo.run();
  const endLog = () => log.close();
  await blobs.openIfUsed();
  const inlineBytesMax = inlineBytesMaxOf(options, commandBytesMax);
  const writer = new ValueWriter({
    committer,
    blobs,
    inlineBytesMax,
    rejected: metrics.countFailure,
  });
  const parts = { log: replicated, pending, reader, state, liveSnapshots, blobs };
  const store = new Store({
    ...parts,
    committer,
    writer,
    checkpoint,
    observation,
    metrics,
    endLog,
    shutDown,
  });
  if (recovered.verdict.snapshotWanted) checkpoint.want();
  return store;
}

/** What no command of this log can carry goes to the devices, whatever the options say. */
function inlineBytesMaxOf(options: ValidatedOptions, commandBytesMax: number): number {
  const carried = Math.max(0, commandBytesMax - limits.keyBytesMax - commandOverheadBytes);
  return Math.min(options.inlineBytesMax, carried);
}

function createBlobLayer(opening: Opening, recovered: Recovered, reader: BacklogReader): BlobLayer {
  const { backend, options, metrics, undo } = opening;
  const { state, replicated, readHandle, lastIndex, setting } = recovered;
  const blobs = new BlobLayer({
    backend,
    options,
    identity: setting.identity,
    catalog: new BlobCatalog(readHandle, backend.kernel.kernel),
    recovered: () => state.whenApplied(lastIndex),
    syncLog: () => replicated.sync(),
    find: async (key) => {
      const value = await reader.get(key, replicated.committedIndex);
      if (!(value instanceof BlobReference)) return null;
      return { blob: value.blob, key: bufferOf(key), manifest: value.manifest };
    },
    metrics: metrics.repair,
  });
  undo.add(() => blobs.close());
  return blobs;
}

/** Reads of what is pending, in the backlog, or applied; a damaged record of the state is noted. */
function createReader(opening: Opening, recovered: Recovered, pending: PendingIndex) {
  const { backend, shared, metrics, undo } = opening;
  const { readHandle: store, setting } = recovered;
  const doubt = new DoubtKeeper((why) => backend.compute('doubt-state', { ...setting, why }));
  undo.add(() => doubt.settled());
  const versioned = new VersionedReader({
    store,
    kernel: backend.kernel.kernel,
    pending,
    memory: shared.ring,
    liveSnapshots: shared.liveSnapshots,
    failed: (error) => {
      metrics.countFailure(error);
      doubt.readFailed(error);
    },
  });
  return createBacklogReader(opening, recovered, versioned, pending);
}

function createBacklogReader(
  { backend, options, metrics }: Opening,
  { report, setting }: Recovered,
  reader: VersionedReader,
  pending: PendingIndex,
): BacklogReader {
  const { segmentBytes } = options;
  const limit = report.tail.sequence * segmentBytes + report.tail.offset;
  const log = { directory: setting.directory, segmentBytes, limit };
  const { fileSystem } = backend;
  const { kernel } = backend.kernel;
  let staging: Uint8Array | null = null;
  return new BacklogReader({
    reader,
    pending,
    backlog: report.backlog,
    findSync: (places, key) => {
      staging ??= alignedBytes(stagingBytes);
      return findInLog(log, places, key, { fileSystem, kernel, staging });
    },
    find: (places, key) => backend.compute('find-in-log', { ...setting, log, places, key }),
    failed: metrics.countFailure,
  });
}

function createCheckpoint(opening: Opening, recovered: Recovered): Checkpoint {
  const { backend, options, metrics } = opening;
  const { state, log, replicated, survey, report, setting } = recovered;
  return new Checkpoint({
    snapshotLogBytes: options.snapshotLogBytes,
    snapshots: survey.snapshots,
    loggedBytes: report.bytes,
    whenApplied: () => state.whenApplied(replicated.committedIndex),
    write: () =>
      backend.compute('write-snapshot', {
        ...setting,
        membershipEpoch: report.membershipEpoch,
        wallMs: backend.clock.wallMs(),
      }),
    prune: async () => {
      await backend.compute('prune-snapshots', setting);
    },
    // A state that is ahead of the log after a power cut is refused at the next open.
    syncState: async () => {
      if (options.durability === 'buffered') await replicated.sync();
      return state.sync();
    },
    truncateLog: (index) => replicated.truncate(index),
    logBytes: () => log.appendedBytes,
    taken: () => metrics.snapshotsTaken.inc(),
  });
}

function recoveryReport(opening: Opening, recovered: Recovered): RecoveryReport {
  const { report, prepared, survey, verdict, replicated } = recovered;
  const { torn } = report;
  return {
    durationMs: opening.backend.clock.monotonicMs() - opening.beganMs,
    logRecords: report.records,
    logBytes: report.bytes,
    replayedRecords: replicated.committedIndex - prepared.meta.appliedIndex,
    tornTail: torn === null ? null : { ...torn, aside: torn.aside.join(', ') },
    damages: verdict.notes,
    rebuilt: prepared.rebuilt,
    setAside: [...survey.setAside.map(({ path }) => path), ...prepared.setAside],
  };
}
