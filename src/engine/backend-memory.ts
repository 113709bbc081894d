/**
 * A store in memory, in one thread: the log over the memory file system, the state over memory
 * stores, tasks inline. The same steps in the same order at every run, so that a failing case is
 * repeated by its seed. For tests and for the simulator.
 *
 * Nothing happens by time: what the log's thread does when it finds nothing to write (marks, spare
 * segments, looking for space on a full disk) is done by `tick`.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { type DeviceTasks, deviceAround, runDeviceTaskOn } from '../device/index.js';
import {
  alignedBytes,
  type Clock,
  type FileSystem,
  type Random,
  type Timers,
} from '../io/index.js';
import { type LoadedCodingKernel, type LoadedKernel, loadCodingKernel } from '../kernel/index.js';
import type { BlobReference, MemoryStores } from '../metadata/index.js';
import { outcomeOf, outcomeValue } from '../pool/index.js';
import { type BlobCompute, inlineCompute, TaskSetting } from '../shard/index.js';
import { attachLane } from '../telemetry/index.js';
import { Log, LogInlineDriver, logControlWords } from '../wal/index.js';
import type { Backend, SharedParts } from './backend.js';
import { type ComputeTasks, runTask, type TaskAround } from './compute-tasks.js';
import { logMeter } from './log-meter.js';
import { startLog } from './log-service.js';
import { StateClient } from './state-client.js';
import { StateInlineDriver } from './state-inline-driver.js';
import { stateMeter } from './state-meter.js';
import { type StateServe, serveState } from './state-service.js';

export interface MemoryBackendOptions {
  /** A MemoryFileSystem, or a FaultyFileSystem over one. */
  readonly fileSystem: FileSystem;
  readonly stores: MemoryStores;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** When the log and the state take their steps. Default: the next microtask. */
  readonly defer?: (task: () => void) => void;
  /** Loaded once for many stores: its self-test costs more than opening a small one. */
  readonly kernel: LoadedKernel;
  /** Size of one file of fragments. Default limits.volumeBytes. */
  readonly volumeBytes?: number;
  /** The same for coding. Default: the best, loaded when a large value needs it. */
  readonly coding?: LoadedCodingKernel;
}

export interface MemoryBackend extends Backend {
  /** What the log does while nothing is written: see LogInlineDriver.background. */
  tick(): void;
}

/** Folders that are open, by what they lie in. */
const locked = new WeakMap<MemoryStores, Set<string>>();

export function createMemoryBackend(options: MemoryBackendOptions): MemoryBackend {
  const { fileSystem, stores, clock, random } = options;
  const defer = options.defer ?? queueMicrotask;
  const { kernel } = options.kernel;
  const around: TaskAround = {
    fileSystem,
    stores,
    kernel,
    audit: (statePath) =>
      stores.exists(statePath) ? { kind: 'sound', files: 0, bytes: 0 } : { kind: 'absent' },
  };
  let logDriver: LogInlineDriver | null = null;
  return {
    fileSystem,
    clock,
    timers: options.timers,
    random,
    kernel: options.kernel,
    ...blobPartsOf(options),
    computeQueued: 0,
    lock: async (directory) => lock(stores, directory),
    startLog: async (start, shared) => {
      const control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
      const surroundings = {
        fileSystem,
        kernel,
        clock,
        staging: stagingFor(start.segmentBytes),
        memory: shared.ring,
        control,
        meter: logMeter(attachLane(shared.metrics.layout(), 'log')),
      };
      // Errors cross as they do from a thread.
      const { loop, writer, report } = outcomeValue(
        await outcomeOf(() => startLog(start, surroundings)),
        'log',
      );
      logDriver = new LogInlineDriver(loop, writer, defer);
      return { log: new Log(shared.ring, control, logDriver), report };
    },
    openReadHandle: (statePath) => stores.open(statePath),
    startState: (serve, shared) => startStateInline(serve, shared, around, defer),
    compute: async <T extends keyof ComputeTasks>(task: T, argument: ComputeTasks[T]['argument']) =>
      outcomeValue(await runTask({ task, argument }, around), task) as ComputeTasks[T]['result'],
    tick: () => logDriver?.background(),
    close: async () => undefined,
  };
}

/** What large values stand on: their tasks run in this thread, one after the other. */
function blobPartsOf(
  options: MemoryBackendOptions,
): Pick<Backend, 'coding' | 'deviceThreads' | 'volumeBytes' | 'blobCompute'> {
  const { fileSystem, volumeBytes = limits.volumeBytes } = options;
  const { kernel } = options.kernel;
  const around = deviceAround(fileSystem, kernel);
  let loaded = options.coding ?? null;
  let tasks: BlobCompute | null = null;
  const coding = (): LoadedCodingKernel => {
    loaded ??= loadCodingKernel();
    return loaded;
  };
  return {
    coding,
    volumeBytes,
    deviceThreads: {
      count: 1,
      run: async (_, task, argument) => {
        const outcome = await runDeviceTaskOn({ task, argument }, around);
        return outcomeValue(outcome, task) as DeviceTasks[typeof task]['result'];
      },
    },
    blobCompute: {
      threads: 1,
      run: (task, argument) => {
        tasks ??= inlineCompute(new TaskSetting({ fileSystem, kernel, coding: coding().kernel }));
        return tasks.run(task, argument);
      },
    },
  };
}

async function startStateInline(
  serve: StateServe,
  shared: SharedParts,
  around: TaskAround,
  defer: (task: () => void) => void,
): Promise<StateClient> {
  const { ring, stateControl: control, liveSnapshots } = shared;
  const staging = stagingFor(serve.segmentBytes);
  const meter = stateMeter(attachLane(shared.metrics.layout(), 'state'));
  let driver: StateInlineDriver | null = null;
  const died = (blobs: readonly BlobReference[]) => defer(() => driver?.died(blobs));
  const serving = outcomeValue(
    await outcomeOf(() =>
      serveState(serve, { ...around, ring, control, liveSnapshots, staging, meter, died }),
    ),
    'state',
  );
  const { loop, store } = serving;
  driver = new StateInlineDriver({ loop, store, control, defer });
  driver.wake();
  return new StateClient(control, driver, serve.lastIndex);
}

/** A batch never exceeds its segment. */
function stagingFor(segmentBytes: number): Uint8Array {
  return alignedBytes(segmentBytes);
}

function lock(stores: MemoryStores, directory: string): () => Promise<void> {
  const folders = locked.get(stores) ?? new Set<string>();
  locked.set(stores, folders);
  if (folders.has(directory)) {
    const message = `${directory} is open already; close it there first, or use that handle.`;
    throw new ThemisError('LEVEL_LOCKED', message);
  }
  folders.add(directory);
  return async () => {
    folders.delete(directory);
  };
}
