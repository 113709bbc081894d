/** What a set of devices stands on. */
import type { Clock, FileSystem, Random, Timers } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Owner } from './device-identity.js';
import type { DeviceThreads } from './device-tasks.js';

export interface DeviceSetParts extends Owner {
  /** For the small files that are read at an open. */
  readonly fileSystem: FileSystem;
  /** The data folder; it exists. Holds the table of devices. */
  readonly directory: string;
  /** Folders of the active devices; each may be missing where its parent is not. */
  readonly paths: readonly string[] | null;
  /** Folders of a store whose `paths` are null and that knows no devices yet. */
  readonly defaultPaths: readonly string[];
  readonly spares: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly kernel: Kernel;
  /** The kernel that device threads load; undefined for the best. */
  readonly kernelName: string | undefined;
  readonly threads: DeviceThreads;
  /** Size of a volume file; a multiple of 4 KiB. Default limits.volumeBytes. */
  readonly volumeBytes?: number;
}
