/**
 * What a store stands on: threads and files in production, memory twins in one thread in tests and
 * in the simulator. The sequence of opening (open-store.ts) is the same on both.
 */
import type { DeviceThreads } from '../device/index.js';
import type { Clock, FileSystem, Random, Timers } from '../io/index.js';
import type { LoadedCodingKernel, LoadedKernel } from '../kernel/index.js';
import type { KeyValueStore, LiveSnapshots, StateControl } from '../metadata/index.js';
import type { BlobCompute } from '../shard/index.js';
import type { MetricsArena } from '../telemetry/index.js';
import type { Log } from '../wal/index.js';
import type { ComputeTasks } from './compute-tasks.js';
import type { LogReport, LogStart } from './log-service.js';
import type { StateClient } from './state-client.js';
import type { StateServe } from './state-service.js';

export interface Backend {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly kernel: LoadedKernel;
  /** Loaded when it is asked for the first time: only large values need it. */
  coding(): LoadedCodingKernel;
  /** Threads that write to devices; started when they are needed. */
  readonly deviceThreads: DeviceThreads;
  /** Size of one file of fragments on a device, in bytes. */
  readonly volumeBytes: number;
  /** Runs the tasks of large values in compute threads. */
  readonly blobCompute: BlobCompute;
  /** Takes the folder for this process; the returned function gives it back. */
  lock(directory: string): Promise<() => Promise<void>>;
  /** Recovers the log and starts its loop. */
  startLog(start: LogStart, shared: SharedParts): Promise<StartedLogClient>;
  /** Opens the handle that the main loop reads through; before `startState`. */
  openReadHandle(statePath: string): Promise<KeyValueStore>;
  /** Brings the state up to the log and starts its loop. */
  startState(start: StateServe, shared: SharedParts): Promise<StateClient>;
  /** Runs one of the tasks away from the main loop. */
  compute<T extends keyof ComputeTasks>(
    task: T,
    argument: ComputeTasks[T]['argument'],
  ): Promise<ComputeTasks[T]['result']>;
  /** Tasks that wait for a compute thread. */
  readonly computeQueued: number;
  close(): Promise<void>;
}

/** Memory and words that the main loop, the log and the state share. */
export interface SharedParts {
  readonly ring: Uint8Array;
  readonly stateControl: StateControl;
  readonly liveSnapshots: LiveSnapshots;
  readonly metrics: MetricsArena;
}

export interface StartedLogClient {
  readonly log: Log;
  readonly report: LogReport;
}
