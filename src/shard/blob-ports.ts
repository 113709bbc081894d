/** What blobs need of the devices: a part of DeviceSet, and of its twin in tests. */
import type { ThemisError } from '../base/index.js';
import type {
  DeviceView,
  FragmentMemory,
  FragmentName,
  FragmentPlace,
  FragmentSpot,
  ReadPlace,
  Session,
} from '../device/index.js';

export type BlobDeviceView = Pick<DeviceView, 'number' | 'path' | 'role' | 'state' | 'isWritable'>;

/** As DeviceSet documents them. */
export interface BlobDevices {
  readonly devices: readonly BlobDeviceView[];
  startSession(knownBlobMax: number): Promise<Session>;
  append(
    device: number,
    name: FragmentName,
    memory: FragmentMemory,
    offset: number,
    bytes: number,
    done: (error: ThemisError | null) => void,
  ): void;
  locate(blob: number, stripe: number, number: number): FragmentPlace | null;
  readPlace(place: FragmentPlace): ReadPlace;
  forgetBlob(blob: number, stripes: number, width: number): void;
  forgetFragment(name: FragmentName, place: FragmentSpot): boolean;
  visit(
    cursor: number,
    entries: number,
    visit: (name: FragmentName, place: FragmentPlace) => void,
  ): number | null;
  reportFault(device: number, error: unknown): void;
  reportReadFailure(device: number, code: string, why: string): void;
}
