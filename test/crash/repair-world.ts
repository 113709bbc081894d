/**
 * Large values on devices in memory that are damaged and must heal: what was named, what became of
 * it, and a judge that believes nothing but the bytes on the devices.
 */
import { assert, KiB, must } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { DeviceSet, FragmentReader } from '../../src/device/index.js';
import {
  type FileSystem,
  ManualClock,
  type MemoryFileSystem,
  memoryTimers,
  seededRandom,
} from '../../src/io/index.js';
import { loadCodingKernel } from '../../src/kernel/index.js';
import type { BlobEntry } from '../../src/metadata/index.js';
import {
  BlobStore,
  type Code,
  decodeManifest,
  defineRepairMetrics,
  durableCode,
  inlineCompute,
  type RepairConfig,
  type ShardHealthReport,
  ShardRepairEngine,
  stripeCount,
  TaskSetting,
} from '../../src/shard/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';
import { clusterId, disk, inlineThreads, kernel, nodeId } from '../device/device-fixture.js';
import { randomValue } from '../shard/blob-fixture.js';

const coding = loadCodingKernel({}).kernel;
/** Small, so that a device has several. */
const smallVolume = 512 * KiB;

export interface WorldOptions {
  readonly code: Code;
  readonly paths: readonly string[];
  readonly spares?: readonly string[];
  /** Folders that may be made anew where they are missing. */
  readonly isOwnFolder?: (path: string) => boolean;
  readonly config?: Partial<RepairConfig>;
  /** Of a volume of the devices; small when absent. */
  readonly volumeBytes?: number;
  /** Called before the catalog is listed; what it throws, the listing throws. */
  readonly beforeList?: () => void;
  /** Calls go through it to the disk. */
  readonly through?: (files: MemoryFileSystem) => FileSystem;
}

/** A value that has a name. */
export interface NamedValue extends BlobEntry {
  readonly value: Uint8Array;
}

/** What is named, in the order of blobs; outlives the store. */
export type Named = Map<number, NamedValue>;

export interface OpenedWorld {
  readonly devices: DeviceSet;
  readonly blobs: BlobStore;
  readonly clock: ManualClock;
  readonly repair: ShardRepairEngine;
  /** How the shard is. */
  report(): ShardHealthReport;
  close(): Promise<void>;
}

let seed = 0;

export function freshDisk(): MemoryFileSystem {
  return disk();
}

/** Opens what the files hold, as a store does: garbage goes by what is named. */
export async function openWorld(
  files: MemoryFileSystem,
  named: Named,
  options: WorldOptions,
): Promise<OpenedWorld> {
  const { code, paths, spares = [], isOwnFolder = () => false } = options;
  const { through = (same: MemoryFileSystem): FileSystem => same } = options;
  seed += 1;
  const fileSystem = through(files);
  const clock = new ManualClock();
  const timers = memoryTimers(clock);
  const random = seededRandom(seed);
  const ports = { fileSystem, clock, timers, kernel };
  const devices = await DeviceSet.open({
    ...ports,
    random,
    directory: '/data',
    paths,
    defaultPaths: [],
    spares,
    clusterId,
    nodeId,
    kernelName: undefined,
    threads: inlineThreads(fileSystem, 2),
    volumeBytes: options.volumeBytes ?? smallVolume,
  });
  const setting = new TaskSetting({ fileSystem, kernel, coding });
  const compute = inlineCompute(setting);
  const blobs = new BlobStore({
    ...ports,
    devices,
    compute,
    coding,
    random: random.stream('blobs'),
    clusterId,
    memoryBytes: 2 * limits.blobSlotBytesMax,
    redundancyOf: () => durableCode(code),
    knownBlobMax: async () => Math.max(0, ...named.keys()),
  });
  await blobs.collectGarbage((blob) => named.has(blob));
  const repair = new ShardRepairEngine({
    ...ports,
    catalog: {
      list: async (after, count) => {
        options.beforeList?.();
        return [...named.values()].filter(({ blob }) => blob > after).slice(0, count);
      },
      find: async (key) => [...named.values()].find((one) => one.key.equals(key)) ?? null,
    },
    devices,
    blobs,
    compute,
    random: random.stream('repair'),
    place: { directory: '/data', clusterId },
    metrics: defineRepairMetrics(new MetricsArena(), '0'),
    scrubBytesPerSecond: 64 * KiB,
    config: options.config ?? {},
    isBusy: () => false,
    isOwnFolder,
  });
  devices.listener = {
    deviceChanged: (device) => repair.deviceChanged(device),
    fragmentDamaged: ({ number: device }, name, why) =>
      repair.noteDamage({ ...name, device, kind: 'damaged', why }),
  };
  blobs.listener = {
    damaged: (damage) => repair.noteDamage(damage),
    incomplete: (names) => repair.noteIncomplete(new Set(names.map(({ blob }) => blob))),
  };
  const report = () => must(repair.getShardHealthReports()[0], 'a report for the shard');
  const close = async (): Promise<void> => {
    await repair.stop();
    await blobs.close();
    await devices.close();
    setting.close();
  };
  return { devices, blobs, clock, repair, report, close };
}

/** Writes values and names them. */
export async function putValues(
  { blobs }: OpenedWorld,
  named: Named,
  lengths: readonly number[],
): Promise<void> {
  for (const length of lengths) {
    const value = randomValue(length, named.size + 1);
    const key = Buffer.from(`key ${named.size}`);
    const { blob, manifest } = await blobs.write(key, value);
    blobs.settle({ blob, manifest }, 'committed');
    named.set(blob, { blob, key, manifest: Buffer.from(manifest), value });
  }
}

/** Every value, read as a client reads it. Throws at the first that is not what was written. */
export async function assertReadable({ blobs }: OpenedWorld, named: Named): Promise<void> {
  for (const { blob, manifest, value } of named.values()) {
    const read = await blobs.read(manifest);
    assert(Buffer.compare(read, value) === 0, `blob ${blob} reads right`);
  }
}

/**
 * Why the values are not at full redundancy, or null when they are: every fragment of every stripe
 * lies on a working device of its own, and reads there from the disk as the manifest says.
 */
export function whyNotWhole(
  files: FileSystem,
  { devices }: Pick<OpenedWorld, 'devices'>,
  named: Named,
): string | null {
  const reader = new FragmentReader({ fileSystem: files, kernel, clusterId });
  const working = new Set(
    devices.devices.filter(({ state }) => state !== 'failed').map(({ number }) => number),
  );
  try {
    for (const entry of named.values()) {
      const manifest = decodeManifest(kernel, entry.manifest);
      const width = manifest.data + manifest.parity;
      for (let stripe = 0; stripe < stripeCount(manifest); stripe++) {
        const holders = new Set<number>();
        for (let number = 0; number < width; number++) {
          const name = `fragment ${number} of stripe ${stripe} of blob ${entry.blob}`;
          const place = devices.locate(entry.blob, stripe, number);
          if (place === null || !working.has(place.device)) return `${name} is nowhere`;
          const digest = must(manifest.digests[stripe * width + number], 'a digest each');
          const expected = { blob: entry.blob, stripe, number, digest };
          const found = reader.check(devices.readPlace(place), expected);
          if (found.kind !== 'ok') return `${name} is ${found.kind}: ${found.why}`;
          if (holders.has(place.device)) return `${name} shares device ${place.device}`;
          holders.add(place.device);
        }
      }
    }
    return null;
  } finally {
    reader.close();
  }
}

/** Places in the index beyond one for each fragment: copies that nobody needs. */
export function surplusPlaces({ devices }: Pick<OpenedWorld, 'devices'>, named: Named): number {
  let surplus = 0;
  for (const { blob, manifest } of named.values()) {
    const decoded = decodeManifest(kernel, manifest);
    for (let stripe = 0; stripe < stripeCount(decoded); stripe++) {
      for (let number = 0; number < decoded.data + decoded.parity; number++) {
        surplus += Math.max(0, devices.places({ blob, stripe, number }).length - 1);
      }
    }
  }
  return surplus;
}

/** Lets everything happen that waits for nothing but turns of the event loop. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock on, in steps of a second, until the condition holds; false when it never did. */
export async function until(
  { clock }: OpenedWorld,
  condition: () => boolean,
  seconds: number,
): Promise<boolean> {
  for (let i = 0; i < seconds; i++) {
    await turns();
    if (condition()) return true;
    clock.advance(1_000);
  }
  await turns();
  return condition();
}

/** Ways in which a device is damaged while the store is closed. */
export const damages = {
  /** Somebody put an empty folder in its place. */
  replaced(files: MemoryFileSystem, path: string): void {
    files.removeTree(path);
    files.makeDirectory(path);
    files.syncDirectory(path.slice(0, path.lastIndexOf('/')));
  },
  /** All of its fragments have a bit flipped somewhere in their first sectors of data. */
  rotten(files: MemoryFileSystem, path: string): void {
    for (const volume of volumesOf(files, path)) {
      for (const at of fragmentOffsets(files, volume)) {
        files.flipBit(volume, at + 4096 + (at % 512), 3);
      }
    }
  },
  /** A write went astray: each fragment of a volume holds the bytes of the one before. */
  misplaced(files: MemoryFileSystem, path: string): void {
    for (const volume of volumesOf(files, path)) {
      const bytes = files.bytesOf(volume);
      const offsets = fragmentOffsets(files, volume);
      for (const [i, at] of offsets.entries()) {
        const from = must(offsets[(i + offsets.length - 1) % offsets.length], 'an offset');
        files.overwrite(volume, bytes.subarray(from, from + 4096), at);
      }
    }
  },
  /** The headers of its fragments are zeros. */
  headless(files: MemoryFileSystem, path: string): void {
    for (const volume of volumesOf(files, path)) {
      for (const at of fragmentOffsets(files, volume)) {
        files.overwrite(volume, new Uint8Array(4096), at);
      }
    }
  },
} as const;

export type Damage = keyof typeof damages;

/** Puts a folder back to what it held in an older state of the disk. */
export function restoreOlder(files: MemoryFileSystem, older: MemoryFileSystem, path: string): void {
  damages.replaced(files, path);
  const folders = new Set<string>();
  for (const file of older.paths().filter((one) => one.startsWith(`${path}/`))) {
    const folder = file.slice(0, file.lastIndexOf('/'));
    if (folder !== path && !folders.has(folder)) files.makeDirectory(folder);
    folders.add(folder);
    const bytes = older.bytesOf(file);
    const handle = files.open(file, { access: 'read-write', create: true });
    handle.write(bytes, 0, bytes.length, 0);
    handle.sync();
    handle.close();
    files.syncDirectory(folder);
  }
  files.syncDirectory(path);
}

function volumesOf(files: MemoryFileSystem, path: string): string[] {
  return files.paths().filter((one) => one.startsWith(`${path}/`) && one.endsWith('.volume'));
}

/** Where fragments begin, by their magic. */
function fragmentOffsets(files: MemoryFileSystem, volume: string): number[] {
  const bytes = Buffer.from(files.bytesOf(volume));
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    if (bytes.toString('latin1', at, at + 8) === 'THEMISFR') offsets.push(at);
  }
  return offsets;
}
