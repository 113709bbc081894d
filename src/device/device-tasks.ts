/**
 * What device threads do: a table of tasks by name. Arguments and results are plain data; a thread
 * keeps nothing but open files. What a task stands on is given to it: node's files in a thread,
 * memory twins inline.
 */
import { ThemisError } from '../base/index.js';
import { type FileSystem, nodeFileSystem } from '../io/index.js';
import { type Kernel, loadKernel } from '../kernel/index.js';
import { type Outcome, outcomeOf } from '../pool/index.js';
import { type DeviceIdentity, writeIdentity } from './device-identity.js';
import { type DeviceTable, writeTable } from './device-table.js';
import { OpenVolumes } from './open-volumes.js';
import { type FoundFolder, initializeFolder, recognizeFolder } from './recognition.js';
import { Scratch } from './scratch.js';
import { volumePath } from './volume.js';
import {
  type DeviceSetting,
  type LoadedVolume,
  VolumeFiles,
  type VolumeListing,
} from './volume-files.js';
import type { VolumeIndex } from './volume-index.js';
import {
  type CopiedFragments,
  type CopyStep,
  type FoundDamage,
  type Group,
  VolumeWriter,
} from './volume-writer.js';

/** In every argument: which device, and the kernel to load in a thread. */
interface OnDevice {
  readonly setting: DeviceSetting;
}

interface OnVolume extends OnDevice {
  readonly volume: number;
}

export interface ProbeResult {
  readonly found: FoundFolder;
  /** On the file system of the device; 0 when the folder is not there. */
  readonly freeBytes: number;
}

/** Argument and result of every task. Each throws the system's errors. */
export interface DeviceTasks {
  /** Makes an empty folder a device. */
  initialize: { argument: OnDevice & { readonly identity: DeviceIdentity }; result: null };
  /** What is in the folder now, and how much room there is. */
  probe: { argument: OnDevice; result: ProbeResult };
  'write-identity': { argument: OnDevice & { readonly identity: DeviceIdentity }; result: null };
  /** The setting's path is the data folder. */
  'write-table': { argument: OnDevice & { readonly table: DeviceTable }; result: null };
  'list-volumes': { argument: OnDevice; result: VolumeListing & { readonly freeBytes: number } };
  'load-volume': { argument: OnVolume; result: LoadedVolume };
  'create-volume': {
    argument: OnVolume & {
      readonly volumeBytes: number;
      readonly spare: number | null;
      /** Also of the space that is kept free. */
      readonly mayFill: boolean;
    };
    result: null;
  };
  'reopen-volume': { argument: OnVolume; result: null };
  'write-index': {
    argument: OnDevice & {
      readonly index: Pick<VolumeIndex, 'volume' | 'end' | 'isSealed' | 'rows'>;
    };
    result: null;
  };
  append: { argument: OnDevice & { readonly group: Group }; result: null };
  copy: { argument: OnDevice & { readonly step: CopyStep }; result: CopiedFragments };
  verify: { argument: OnVolume & { readonly rows: Uint32Array }; result: readonly FoundDamage[] };
  'free-volume': { argument: OnVolume & { readonly keep: boolean }; result: null };
  'drop-spare': { argument: OnVolume; result: null };
}

/** What travels to a thread. */
export interface DeviceMessage {
  readonly task: keyof DeviceTasks;
  readonly argument: DeviceTasks[keyof DeviceTasks]['argument'];
}

/** Runs device tasks in device threads, or inline. Errors are those of a pool's `run`. */
export interface DeviceThreads {
  readonly count: number;
  /** `thread`: from 0 to count - 1. Tasks of one thread run in the order of the calls. */
  run<T extends keyof DeviceTasks>(
    thread: number,
    task: T,
    argument: DeviceTasks[T]['argument'],
  ): Promise<DeviceTasks[T]['result']>;
}

/** What a task stands on. */
export interface DeviceAround {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly volumes: OpenVolumes;
  /** Memory for the copies of a compaction's step, and for what is checked or scanned. */
  readonly copies: Scratch;
  readonly checked: Scratch;
}

type Implementations = {
  readonly [T in keyof DeviceTasks]: (
    argument: DeviceTasks[T]['argument'],
    around: DeviceAround,
  ) => DeviceTasks[T]['result'];
};

const tasks: Implementations = {
  initialize: ({ setting, identity }, { fileSystem, kernel }) => {
    refuseDevice(recognizeFolder(fileSystem, setting.path, kernel), setting.path);
    initializeFolder(fileSystem, setting.path, kernel, identity);
    return null;
  },
  probe: ({ setting }, { fileSystem, kernel }) => {
    const found = recognizeFolder(fileSystem, setting.path, kernel);
    const isThere = found.kind !== 'missing' && found.kind !== 'unreadable';
    return { found, freeBytes: isThere ? fileSystem.space(setting.path).freeBytes : 0 };
  },
  'write-identity': ({ setting, identity }, { fileSystem, kernel }) => {
    writeIdentity(fileSystem, setting.path, kernel, identity);
    return null;
  },
  'write-table': ({ setting, table }, { fileSystem, kernel }) => {
    writeTable(fileSystem, setting.path, kernel, table);
    return null;
  },
  'list-volumes': ({ setting }, around) => {
    const { freeBytes } = around.fileSystem.space(setting.path);
    return { ...filesOf(setting, around).list(), freeBytes };
  },
  'load-volume': ({ setting, volume }, around) => filesOf(setting, around).load(volume),
  'create-volume': ({ setting, volume, volumeBytes, spare, mayFill }, around) => {
    const files = filesOf(setting, around);
    if (spare === null && !mayFill) files.checkRoom(volumeBytes);
    around.volumes.forget(volumePath(setting.path, volume));
    files.create(volume, volumeBytes, spare);
    return null;
  },
  'reopen-volume': ({ setting, volume }, around) => {
    around.volumes.forget(volumePath(setting.path, volume));
    filesOf(setting, around).reopen(volume);
    return null;
  },
  'write-index': ({ setting, index }, around) => {
    filesOf(setting, around).writeIndex(index);
    return null;
  },
  append: ({ setting, group }, around) => {
    new VolumeWriter({ ...around, setting }).append(group);
    return null;
  },
  copy: ({ setting, step }, around) => new VolumeWriter({ ...around, setting }).copy(step),
  verify: ({ setting, volume, rows }, around) =>
    new VolumeWriter({ ...around, setting }).verify(volume, rows),
  'free-volume': ({ setting, volume, keep }, around) => {
    around.volumes.forget(volumePath(setting.path, volume));
    filesOf(setting, around).free(volume, keep);
    return null;
  },
  'drop-spare': ({ setting, volume }, around) => {
    filesOf(setting, around).dropSpare(volume);
    return null;
  },
};

/** It was none when it was looked at: two paths lead to it. */
function refuseDevice(found: FoundFolder, path: string): void {
  if (found.kind === 'missing' || found.kind === 'empty') return;
  const message = `${path} became a device meanwhile; is it there under another path?`;
  throw new ThemisError('THEMIS_DEVICE_DUPLICATE', message);
}

function filesOf(setting: DeviceSetting, around: DeviceAround): VolumeFiles {
  return new VolumeFiles(around.fileSystem, around.kernel, setting, around.checked);
}

/** Runs a task on whatever is given; never rejects. */
export function runDeviceTaskOn(
  { task, argument }: DeviceMessage,
  around: DeviceAround,
): Promise<Outcome<unknown>> {
  const implementation = tasks[task] as (argument: unknown, around: DeviceAround) => unknown;
  return outcomeOf(() => implementation(argument, around));
}

/** What tasks stand on that share this file system and kernel. */
export function deviceAround(fileSystem: FileSystem, kernel: Kernel): DeviceAround {
  const volumes = new OpenVolumes(fileSystem);
  return { fileSystem, kernel, volumes, copies: new Scratch(), checked: new Scratch() };
}

/** One for each kernel that was asked for in this thread. */
const arounds = new Map<string | undefined, DeviceAround>();

/** Runs in a device thread: the one function that its entry file exports. */
export async function runDeviceTask(message: DeviceMessage): Promise<Outcome<unknown>> {
  const around = await outcomeOf(() => nodeAround(message.argument.setting.kernel));
  return around.kind === 'ok' ? runDeviceTaskOn(message, around.value) : around;
}

function nodeAround(force: string | undefined): DeviceAround {
  const known = arounds.get(force);
  if (known !== undefined) return known;
  const fileSystem = nodeFileSystem();
  const around = deviceAround(fileSystem, loadKernel({ force }).kernel);
  arounds.set(force, around);
  return around;
}
