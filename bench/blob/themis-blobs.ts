/**
 * The blob store of Themis as a contestant: six devices, 4 + 2, real device and compute threads;
 * without log and state, which add one small write to each value. Manifests are kept beside the
 * devices, so that a filled folder can be opened again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { must } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { DeviceSet, type DeviceThreads } from '../../src/device/index.js';
import { nodeClock, nodeFileSystem, nodeTimers, systemRandom } from '../../src/io/index.js';
import { loadCodingKernel, loadKernel } from '../../src/kernel/index.js';
import { createThreadPool, type ThreadPool, workerUrls } from '../../src/pool/index.js';
import { type BlobCompute, BlobStore, durableCode } from '../../src/shard/index.js';
import type { BlobContestant, BlobPeer } from './contestant.js';

const deviceCount = 6;
const deviceThreads = 2;
const computeThreads = 2;
const code = durableCode({ data: 4, parity: 2 });
const key = new Uint8Array(1);
const identity = new Uint8Array(16).fill(7);

export const themisBlobs: BlobContestant = {
  name: 'themis blobs',
  durability: '4+2, all fragments synced',
  open: openBlobs,
  degrade: (folder) => fs.rmSync(devicePath(folder, 0), { recursive: true }),
};

function devicePath(folder: string, number: number): string {
  return path.join(folder, `device-${number}`);
}

async function openBlobs(folder: string): Promise<BlobPeer> {
  const fileSystem = nodeFileSystem();
  const timers = nodeTimers();
  const clock = nodeClock();
  const random = systemRandom();
  const { kernel } = loadKernel();
  const device = devicePools();
  const compute = createThreadPool({
    name: 'compute',
    url: new URL('./compute-thread.js', import.meta.url),
    threads: computeThreads + 2,
    queueMax: limits.computeQueueMax,
  });
  const devices = await DeviceSet.open({
    fileSystem,
    directory: folder,
    paths: null,
    defaultPaths: Array.from({ length: deviceCount }, (_, number) => devicePath(folder, number)),
    spares: [],
    clusterId: identity,
    nodeId: identity,
    clock,
    timers,
    random,
    kernel,
    kernelName: undefined,
    threads: device.threads,
  });
  const manifestsPath = path.join(folder, 'manifests.json');
  const manifests = readManifests(manifestsPath);
  const store = new BlobStore({
    devices,
    compute: computeOf(compute),
    kernel,
    coding: loadCodingKernel().kernel,
    fileSystem,
    clock,
    timers,
    random: random.stream('blobs'),
    clusterId: identity,
    memoryBytes: limits.blobMemoryBytes,
    redundancyOf: () => code,
    knownBlobMax: async () => 0,
  });
  return {
    async put(number, value) {
      const draft = await store.write(key, value);
      store.settle(draft, 'committed');
      manifests.set(number, draft.manifest);
    },
    get: (number) => store.read(must(manifests.get(number), 'the value was put')),
    async close() {
      await store.close();
      await devices.close();
      await Promise.all([compute.close(), ...device.pools.map((pool) => pool.close())]);
      const entries = [...manifests].map(([number, bytes]) => [number, [...bytes]]);
      fs.writeFileSync(manifestsPath, JSON.stringify(entries));
    },
  };
}

function readManifests(file: string): Map<number, Uint8Array> {
  if (!fs.existsSync(file)) return new Map();
  const entries = JSON.parse(fs.readFileSync(file, 'utf8')) as [number, number[]][];
  return new Map(entries.map(([number, bytes]) => [number, Uint8Array.from(bytes)]));
}

function computeOf(pool: ThreadPool): BlobCompute {
  const names = { kernel: undefined, coder: undefined };
  const run: BlobCompute['run'] = (task, argument) => pool.run(task, { names, argument });
  return { threads: computeThreads, run };
}

/** One pool of one thread for each device thread: tasks of a thread run in order. */
function devicePools(): { threads: DeviceThreads; pools: readonly ThreadPool[] } {
  const pools = Array.from({ length: deviceThreads }, (_, number) =>
    createThreadPool({
      name: `device ${number}`,
      url: workerUrls.device,
      threads: 1,
      queueMax: limits.computeQueueMax,
    }),
  );
  const threads: DeviceThreads = {
    count: deviceThreads,
    run: (thread, task, argument) => must(pools[thread], 'a thread').run(task, argument),
  };
  return { threads, pools };
}
