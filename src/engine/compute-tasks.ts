/**
 * What compute threads do for the engine: a table of tasks by name. Arguments and results are
 * plain data; each task opens what it needs and closes it again. What a task stands on is given to
 * it: node's files in a thread, memory twins inline (backend-memory.ts).
 */
import { alignedBytes, type FileSystem, nodeFileSystem } from '../io/index.js';
import { type Kernel, loadKernel } from '../kernel/index.js';
import {
  type AuditResult,
  auditLevelDb,
  type BacklogPlace,
  classicStores,
  type KeyOperation,
  type KeyValueStores,
  type WrittenSnapshot,
  writeStateSnapshot,
} from '../metadata/index.js';
import { type Outcome, outcomeOf } from '../pool/index.js';
import { type BlobMessage, isBlobMessage, runBlobTask } from '../shard/index.js';
import {
  type Identity,
  listSnapshots,
  prepareSnapshots,
  pruneSnapshots,
  type SnapshotSetAside,
} from '../wal/index.js';
import { findInLog, type LogPlace } from './backlog-reader.js';
import { stagingBytes } from './log-service.js';
import { clearDoubt, noteDoubt, readDoubt } from './state-doubt.js';
import {
  type PreparedState,
  prepareState,
  type StatePrepare,
  stateDirectory,
} from './state-service.js';

export interface TaskSetting {
  /** The data folder. */
  readonly directory: string;
  readonly kernel: string | undefined;
  readonly identity: Identity;
}

export interface SnapshotSurvey {
  /** Newest first; headers and footers were checked, contents are when they are used. */
  readonly snapshots: readonly { path: string; index: number; bytes: number }[];
  readonly setAside: readonly SnapshotSetAside[];
}

export interface SnapshotArgument extends TaskSetting {
  readonly membershipEpoch: number;
  readonly wallMs: number;
}

export interface PrepareArgument extends StatePrepare, TaskSetting {}

export interface DoubtArgument extends TaskSetting {
  readonly why: string;
}

export interface FindArgument extends TaskSetting {
  readonly log: LogPlace;
  readonly places: readonly BacklogPlace[];
  readonly key: Uint8Array;
}

/** Argument and result of every task. */
export interface ComputeTasks {
  'audit-state': { argument: TaskSetting; result: AuditResult };
  'survey-snapshots': { argument: TaskSetting; result: SnapshotSurvey };
  'write-snapshot': { argument: SnapshotArgument; result: WrittenSnapshot };
  'prune-snapshots': { argument: TaskSetting; result: null };
  'prepare-state': { argument: PrepareArgument; result: PreparedState };
  'doubt-state': { argument: DoubtArgument; result: null };
  'find-in-log': { argument: FindArgument; result: KeyOperation };
}

/** What travels to a thread. */
export interface ComputeMessage {
  readonly task: keyof ComputeTasks;
  readonly argument: ComputeTasks[keyof ComputeTasks]['argument'];
}

/** What a task stands on. */
export interface TaskAround {
  readonly fileSystem: FileSystem;
  readonly stores: KeyValueStores;
  readonly kernel: Kernel;
  /** Checks the files of a state's folder. */
  readonly audit: (statePath: string) => AuditResult;
}

type Implementations = {
  readonly [T in keyof ComputeTasks]: (
    argument: ComputeTasks[T]['argument'],
    around: TaskAround,
  ) => ComputeTasks[T]['result'] | Promise<ComputeTasks[T]['result']>;
};

const tasks: Implementations = {
  'audit-state': auditState,
  'doubt-state': ({ directory, why }, { fileSystem }) => {
    noteDoubt(fileSystem, directory, why);
    return null;
  },
  'survey-snapshots': survey,
  'write-snapshot': writeSnapshot,
  'prune-snapshots': ({ directory, identity }, { fileSystem, kernel }) => {
    const list = listSnapshots(fileSystem, directory, kernel, { verify: 'ends', identity });
    pruneSnapshots(fileSystem, directory, list.valid);
    return null;
  },
  'prepare-state': async (argument, around) => {
    const prepared = await prepareState(argument, around);
    clearDoubt(around.fileSystem, argument.directory);
    return prepared;
  },
  'find-in-log': ({ log, places, key }, { fileSystem, kernel }) =>
    findInLog(log, places, key, { fileSystem, kernel, staging: alignedBytes(stagingBytes) }),
};

/** Runs a task on whatever is given; never rejects. */
export function runTask(
  { task, argument }: ComputeMessage,
  around: TaskAround,
): Promise<Outcome<unknown>> {
  const implementation = tasks[task] as (argument: unknown, around: TaskAround) => unknown;
  return outcomeOf(() => implementation(argument, around));
}

/** Runs in a compute thread: the one function that its entry file exports. */
export async function runComputeTask(
  message: ComputeMessage | BlobMessage,
): Promise<Outcome<unknown>> {
  if (isBlobMessage(message)) return runBlobTask(message);
  const around = await outcomeOf(() => nodeAround(message.argument.kernel));
  return around.kind === 'ok' ? runTask(message, around.value) : around;
}

function nodeAround(force: string | undefined): TaskAround {
  const fileSystem = nodeFileSystem();
  const { kernel } = loadKernel({ force });
  return {
    fileSystem,
    stores: classicStores(fileSystem),
    kernel,
    audit: (statePath) => auditLevelDb(fileSystem, statePath, kernel),
  };
}

/** Damage that a read met counts like damage that the audit finds. */
function auditState({ directory }: TaskSetting, { audit, fileSystem }: TaskAround): AuditResult {
  const why = readDoubt(fileSystem, directory);
  if (why !== null) return { kind: 'damaged', file: 'state', offset: 0, why };
  return audit(stateDirectory(directory));
}

function survey(
  { directory, identity }: TaskSetting,
  { fileSystem, kernel }: TaskAround,
): SnapshotSurvey {
  prepareSnapshots(fileSystem, directory);
  const list = listSnapshots(fileSystem, directory, kernel, { verify: 'ends', identity });
  const snapshots = list.valid.map(({ path, manifest }) => ({
    path,
    index: manifest.index,
    bytes: manifest.fileBytes,
  }));
  return { snapshots, setAside: list.setAside };
}

async function writeSnapshot(
  argument: SnapshotArgument,
  { fileSystem, stores, kernel }: TaskAround,
): Promise<WrittenSnapshot> {
  const store = await stores.open(stateDirectory(argument.directory));
  try {
    return await writeStateSnapshot({
      store,
      fileSystem,
      kernel,
      directory: argument.directory,
      ...argument.identity,
      membershipEpoch: argument.membershipEpoch,
      wallMs: argument.wallMs,
    });
  } finally {
    await store.close();
  }
}
