/** Devices in memory: tasks run inline, the clock stands still, fragments are made from a seed. */
import { alignUp } from '../../src/base/index.js';
import {
  type DeviceMessage,
  DeviceSet,
  type DeviceSetParts,
  type DeviceThreads,
  deviceAround,
  type FragmentName,
  FragmentReader,
  fragmentFootprint,
  fragmentHeaderBytes,
  runDeviceTaskOn,
  sealFragment,
} from '../../src/device/index.js';
import {
  alignedBytes,
  type FileSystem,
  ManualClock,
  MemoryFileSystem,
  memoryTimers,
  SystemError,
  seededRandom,
} from '../../src/io/index.js';
import { loadKernel } from '../../src/kernel/index.js';
import { outcomeValue } from '../../src/pool/index.js';

export const { kernel } = loadKernel({});
export const clusterId = new Uint8Array(16).fill(7);
export const nodeId = new Uint8Array(16).fill(9);
export const nonce = new Uint8Array(8).fill(5);
export const directory = '/data';
export const volumeBytes = 256 * 1024;

/** A memory disk with the data folder and the folder above the devices. */
export function disk(capacityBytes?: number): MemoryFileSystem {
  const fs = new MemoryFileSystem(capacityBytes === undefined ? {} : { capacityBytes });
  for (const path of ['/data', '/dev']) fs.makeDirectory(path);
  fs.syncDirectory('/');
  return fs;
}

/** The same files on a file system that does not know O_DIRECT. */
export function withoutDirect(inner: FileSystem): FileSystem {
  return {
    open: (path, options) => {
      if (options.sync === 'direct') throw new SystemError('EINVAL', 'open', path);
      return inner.open(path, options);
    },
    list: (path) => inner.list(path),
    stat: (path) => inner.stat(path),
    makeDirectory: (path) => inner.makeDirectory(path),
    rename: (from, to) => inner.rename(from, to),
    unlink: (path) => inner.unlink(path),
    removeTree: (path) => inner.removeTree(path),
    syncDirectory: (path) => inner.syncDirectory(path),
    space: (path) => inner.space(path),
  };
}

export interface InlineThreads extends DeviceThreads {
  /** Tasks that were run, with their volume where they have one. */
  readonly ran: string[];
  /** Called before each task. */
  before: (message: DeviceMessage) => void;
}

/** Runs tasks in this thread, in the order of the calls; errors cross as they do from a thread. */
export function inlineThreads(fileSystem: FileSystem, count = 1): InlineThreads {
  const around = deviceAround(fileSystem, kernel);
  const threads: InlineThreads = {
    count,
    ran: [],
    before: () => undefined,
    run: async (_thread, task, argument) => {
      threads.ran.push(task);
      threads.before({ task, argument });
      return outcomeValue(await runDeviceTaskOn({ task, argument }, around), task) as never;
    },
  };
  return threads;
}

export interface Opened {
  readonly set: DeviceSet;
  readonly threads: InlineThreads;
  readonly clock: ManualClock;
  readonly damages: string[];
}

/** Opens two devices (or those given) on the disk. */
export async function openSet(
  fileSystem: FileSystem,
  parts: Partial<DeviceSetParts> & { readonly seed?: number } = {},
): Promise<Opened> {
  const threads = inlineThreads(fileSystem);
  const clock = new ManualClock();
  const damages: string[] = [];
  const set = await DeviceSet.open({
    fileSystem,
    directory,
    paths: ['/dev/a', '/dev/b'],
    defaultPaths: ['/dev/a', '/dev/b'],
    spares: [],
    clusterId,
    nodeId,
    clock,
    timers: memoryTimers(clock),
    random: seededRandom(parts.seed ?? 1),
    kernel,
    kernelName: undefined,
    threads,
    volumeBytes,
    ...parts,
  });
  set.listener = {
    fragmentDamaged: (device, { blob, stripe, number }, why) =>
      damages.push(`${device.number}:${blob}/${stripe}/${number} ${why}`),
  };
  return { set, threads, clock, damages };
}

/** Data of a fragment: decided by its name and length alone. */
export function contentOf({ blob, stripe, number }: FragmentName, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  seededRandom(blob * 1_000 + stripe * 17 + number)
    .stream('content')
    .fill(data);
  return data;
}

export interface Sealed {
  readonly memory: { readonly bytes: Uint8Array };
  readonly bytes: number;
  readonly digest: number;
}

const blockBytes = 64 * 1024;

/** A sealed fragment in memory of its own. */
export function sealed(name: FragmentName, bytes: number): Sealed {
  const footprint = fragmentFootprint(bytes);
  const memory = alignedBytes(alignUp(footprint, 65_536), { shared: true });
  const data = contentOf(name, bytes);
  memory.set(data, fragmentHeaderBytes);
  const checksums = new Uint32Array(Math.ceil(bytes / blockBytes));
  for (let block = 0; block < checksums.length; block++) {
    const from = block * blockBytes;
    checksums[block] = kernel.crc32c(data, from, Math.min(blockBytes, bytes - from), 0);
  }
  const fields = {
    ...name,
    clusterId,
    nonce,
    data: 4,
    parity: 2,
    stripeBytes: 4 * bytes,
    bytes,
    blockBytes,
  };
  const digest = sealFragment(kernel, memory, 0, fields, checksums);
  return { memory: { bytes: memory }, bytes: footprint, digest };
}

/** Appends one; resolves with null, or with the code of the error. */
export function append(
  set: DeviceSet,
  device: number,
  name: FragmentName,
  bytes: number,
): Promise<string | null> {
  const { memory, bytes: footprint } = sealed(name, bytes);
  return new Promise((resolve) => {
    set.append(device, name, memory, 0, footprint, (error) => resolve(error?.code ?? null));
  });
}

/** Reads a fragment where the index says, all of it: `right`, or why not. */
export function readBack(
  fileSystem: FileSystem,
  set: DeviceSet,
  name: FragmentName,
  bytes: number,
): string {
  const place = set.locate(name.blob, name.stripe, name.number);
  if (place === null) return 'nowhere';
  const reader = new FragmentReader({ fileSystem, kernel, clusterId });
  try {
    const target = new Uint8Array(bytes);
    const expected = { ...name, digest: sealed(name, bytes).digest };
    const read = reader.read(set.readPlace(place), expected, { from: 0, to: bytes }, target, 0);
    if (read.kind !== 'ok') return read.kind;
    return Buffer.compare(target, contentOf(name, bytes)) === 0 ? 'right' : 'WRONG';
  } finally {
    reader.close();
  }
}
