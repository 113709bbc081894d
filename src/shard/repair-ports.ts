/** What repair needs from the layers around it; the engine provides it, and tests a twin. */
import type { DeviceRole, DeviceView, FragmentName, FragmentPlace } from '../device/index.js';
import type { BlobEntry } from '../metadata/index.js';
import type { BlobDevices } from './blob-ports.js';

/** The blobs that readable values name. */
export interface BlobCatalog {
  /** Up to `count` blobs behind `after`, in the order of their numbers. */
  list(after: number, count: number): Promise<readonly BlobEntry[]>;
}

export type RepairDeviceView = Pick<
  DeviceView,
  'number' | 'path' | 'role' | 'state' | 'why' | 'isWritable' | 'liveBytes'
>;

/** As DeviceSet documents them. */
export interface RepairDevices
  extends Pick<BlobDevices, 'append' | 'locate' | 'readPlace' | 'forgetFragment' | 'visit'> {
  readonly devices: readonly RepairDeviceView[];
  places(name: FragmentName): FragmentPlace[];
  reportReadFailure(device: number, code: string, why: string): void;
  reportDamage(device: number, why: string): void;
  reportHealed(device: number): void;
  beginRebuild(device: number, why: string): void;
  endRebuild(device: number): void;
  setRole(device: number, role: DeviceRole): void;
  replaceDevice(device: number, path: string): Promise<RepairDeviceView>;
  removeDevice(device: number): Promise<void>;
}

/** Blobs that may not be forgotten while they are worked on. */
export interface RepairBlobs {
  pin(blob: number): void;
  unpin(blob: number): void;
}
