/**
 * What compute threads do for the engine: a table of tasks by name. Arguments and results are
 * plain data; each task opens what it needs and closes it again.
 */
import { nodeFileSystem } from '../io/index.js';
import { loadKernel } from '../kernel/index.js';
import {
  type AuditResult,
  auditLevelDb,
  classicStores,
  openClassicStore,
  type WrittenSnapshot,
  writeStateSnapshot,
} from '../metadata/index.js';
import { type Outcome, outcomeOf } from '../pool/index.js';
import {
  type Identity,
  listSnapshots,
  prepareSnapshots,
  pruneSnapshots,
  type SnapshotSetAside,
} from '../wal/index.js';
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

/** Argument and result of every task. */
export interface ComputeTasks {
  'audit-state': { argument: TaskSetting; result: AuditResult };
  'survey-snapshots': { argument: TaskSetting; result: SnapshotSurvey };
  'write-snapshot': { argument: SnapshotArgument; result: WrittenSnapshot };
  'prune-snapshots': { argument: TaskSetting; result: null };
  'prepare-state': { argument: PrepareArgument; result: PreparedState };
}

type Implementations = {
  readonly [T in keyof ComputeTasks]: (
    argument: ComputeTasks[T]['argument'],
  ) => ComputeTasks[T]['result'] | Promise<ComputeTasks[T]['result']>;
};

const tasks: Implementations = {
  'audit-state': ({ directory, kernel }) =>
    auditLevelDb(nodeFileSystem(), stateDirectory(directory), kernelOf(kernel)),
  'survey-snapshots': (setting) => survey(setting),
  'write-snapshot': (argument) => writeSnapshot(argument),
  'prune-snapshots': ({ directory, kernel, identity }) => {
    const fileSystem = nodeFileSystem();
    const list = listSnapshots(fileSystem, directory, kernelOf(kernel), {
      verify: 'ends',
      identity,
    });
    pruneSnapshots(fileSystem, directory, list.valid);
    return null;
  },
  'prepare-state': (argument) => prepare(argument),
};

function prepare(argument: PrepareArgument): Promise<PreparedState> {
  const fileSystem = nodeFileSystem();
  const stores = classicStores(fileSystem);
  return prepareState(argument, { fileSystem, stores, kernel: kernelOf(argument.kernel) });
}

/** Runs in a compute thread: the one function that its entry file exports. */
export function runComputeTask(message: {
  task: keyof ComputeTasks;
  argument: ComputeTasks[keyof ComputeTasks]['argument'];
}): Promise<Outcome<unknown>> {
  const task = tasks[message.task] as (argument: unknown) => unknown;
  return outcomeOf(() => task(message.argument));
}

function kernelOf(force: string | undefined) {
  return loadKernel({ force }).kernel;
}

function survey({ directory, kernel, identity }: TaskSetting): SnapshotSurvey {
  const fileSystem = nodeFileSystem();
  prepareSnapshots(fileSystem, directory);
  const list = listSnapshots(fileSystem, directory, kernelOf(kernel), {
    verify: 'ends',
    identity,
  });
  const snapshots = list.valid.map(({ path, manifest }) => ({
    path,
    index: manifest.index,
    bytes: manifest.fileBytes,
  }));
  return { snapshots, setAside: list.setAside };
}

async function writeSnapshot(argument: SnapshotArgument): Promise<WrittenSnapshot> {
  const store = await openClassicStore(stateDirectory(argument.directory));
  try {
    return await writeStateSnapshot({
      store,
      fileSystem: nodeFileSystem(),
      kernel: kernelOf(argument.kernel),
      directory: argument.directory,
      ...argument.identity,
      membershipEpoch: argument.membershipEpoch,
      wallMs: argument.wallMs,
    });
  } finally {
    await store.close();
  }
}
