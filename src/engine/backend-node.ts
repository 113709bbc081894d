/** The production backend: a log thread, a state thread, compute threads, real files. */
import { must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { DeviceTasks, DeviceThreads } from '../device/index.js';
import { nodeClock, nodeFileSystem, nodeTimers, systemRandom } from '../io/index.js';
import { type LoadedCodingKernel, loadCodingKernel, loadKernel } from '../kernel/index.js';
import { openClassicStore } from '../metadata/index.js';
import { createThreadPool, ResidentThread, type ThreadPool, workerUrls } from '../pool/index.js';
import { createPreparationPool, Log, LogThreadDriver, logControlWords } from '../wal/index.js';
import type { Backend } from './backend.js';
import { acquireFolderLock } from './folder-lock.js';
import type { LogReport } from './log-service.js';
import type { LogThreadArgument } from './log-thread-start.js';
import { StateClient } from './state-client.js';
import { StateThreadDriver } from './state-thread-driver.js';
import type { StateThreadArgument } from './state-thread-start.js';

export interface NodeBackendOptions {
  /** The kernel tier to force, or undefined for the best. */
  readonly kernel: string | undefined;
  /** The coding kernel to force, or undefined for the best. */
  readonly coder: string | undefined;
  readonly computeThreads: number;
  readonly deviceThreads: number;
  /** Memory for blocks of the state that were read, in bytes. */
  readonly cacheBytes: number;
}

export function createNodeBackend(options: NodeBackendOptions): Backend {
  const { kernel } = options;
  const compute = createThreadPool({
    name: 'compute',
    url: workerUrls.compute,
    // One more than large values keep busy: when reads hang on a slow device, others go around it.
    threads: options.computeThreads + 1,
    queueMax: limits.computeQueueMax,
  });
  const preparation = createPreparationPool();
  const devices = new DevicePools(options.deviceThreads);
  // Both threads load their code while the folder is looked at.
  let stateThread: ResidentThread | null = threadOf('state');
  let logThread: ResidentThread | null = threadOf('log');
  return {
    fileSystem: nodeFileSystem(),
    clock: nodeClock(),
    timers: nodeTimers(),
    random: systemRandom(),
    kernel: loadKernel({ force: kernel }),
    ...blobPartsOf(options, compute, devices),
    lock: async (directory) => {
      const lock = await acquireFolderLock(directory);
      return () => lock.release();
    },
    startLog: async (start, shared) => {
      const control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
      const thread = must(logThread, 'the log is started once');
      logThread = null;
      const driver = new LogThreadDriver(thread, control, preparation.prepare);
      const metrics = shared.metrics.layout();
      const argument: LogThreadArgument = { start, kernel, memory: shared.ring, control, metrics };
      const report = await startOrClose<LogReport>(thread, argument);
      return { log: new Log(shared.ring, control, driver), report };
    },
    openReadHandle: (statePath) => openClassicStore(statePath, options.cacheBytes),
    startState: async (serve, shared) => {
      const thread = must(stateThread, 'the state is started once');
      stateThread = null;
      const driver = new StateThreadDriver(thread, shared.stateControl, nodeTimers());
      const argument: StateThreadArgument = {
        serve,
        kernel,
        ring: shared.ring,
        control: shared.stateControl.buffer,
        liveSnapshots: shared.liveSnapshots.buffer,
        metrics: shared.metrics.layout(),
      };
      await startOrClose<null>(thread, argument);
      return new StateClient(shared.stateControl, driver, serve.lastIndex);
    },
    // While a store opens, its state thread has nothing else to do; no other one need be started.
    compute: (task, argument) =>
      stateThread === null ? compute.run(task, argument) : stateThread.prepare(task, argument),
    get computeQueued() {
      return compute.queued;
    },
    close: async () => {
      await stateThread?.close();
      await logThread?.close();
      await preparation.close();
      await compute.close();
      await devices.close();
    },
  };
}

/** What large values stand on. */
function blobPartsOf(
  { kernel, coder, computeThreads }: NodeBackendOptions,
  compute: ThreadPool,
  deviceThreads: DeviceThreads,
): Pick<Backend, 'coding' | 'deviceThreads' | 'volumeBytes' | 'blobCompute'> {
  const names = { kernel, coder };
  let coding: LoadedCodingKernel | null = null;
  return {
    coding: () => {
      coding ??= loadCodingKernel({ force: coder });
      return coding;
    },
    deviceThreads,
    volumeBytes: limits.volumeBytes,
    blobCompute: {
      threads: computeThreads,
      run: (task, argument) => compute.run(task, { names, argument }),
    },
  };
}

function threadOf(name: 'log' | 'state'): ResidentThread {
  return new ResidentThread({ name, url: workerUrls[name] });
}

/** The device threads: pools of one thread each, so that the tasks of a device keep their order. */
class DevicePools implements DeviceThreads {
  readonly count: number;
  readonly #pools: (ThreadPool | undefined)[] = [];

  constructor(count: number) {
    this.count = count;
  }

  run<T extends keyof DeviceTasks>(
    thread: number,
    task: T,
    argument: DeviceTasks[T]['argument'],
  ): Promise<DeviceTasks[T]['result']> {
    let pool = this.#pools[thread];
    if (pool === undefined) {
      const name = `device ${thread}`;
      const queueMax = limits.computeQueueMax;
      pool = createThreadPool({ name, url: workerUrls.device, threads: 1, queueMax });
      this.#pools[thread] = pool;
    }
    return pool.run(task, argument);
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool?.close()));
  }
}

/** A thread whose start fails is ended; the error is what its start threw. */
async function startOrClose<T>(thread: ResidentThread, argument: unknown): Promise<T> {
  try {
    return await thread.start<T>(argument);
  } catch (error) {
    await thread.close();
    throw error;
  }
}
