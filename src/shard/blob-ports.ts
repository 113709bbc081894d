/** What blobs need from the layers below; src/device provides it, and tests a twin. */
import type { ThemisError } from '../base/index.js';
import type { Slab } from '../kernel/index.js';

export interface FragmentName {
  readonly blob: number;
  readonly stripe: number;
  readonly number: number;
}
export interface FragmentPlace {
  readonly device: number;
  readonly volume: number;
  readonly offset: number;
  readonly bytes: number;
}
export interface DeviceView {
  readonly number: number;
  readonly path: string;
  readonly role: 'active' | 'spare';
  readonly state: 'healthy' | 'degraded' | 'failed' | 'rebuilding';
}

export interface BlobDevices {
  readonly devices: readonly DeviceView[];
  startSession(knownBlobMax: number): Promise<{ session: number; nonce: Uint8Array }>;
  append(
    device: number,
    name: FragmentName,
    slab: Slab,
    offset: number,
    bytes: number,
    done: (error: ThemisError | null) => void,
  ): void;
  locate(blob: number, stripe: number, number: number): FragmentPlace | null;
  readPlace(place: FragmentPlace): { path: string; offset: number; bytes: number };
  forgetBlob(blob: number): void;
  forEachBlob(callback: (blob: number) => void): void;
  reportFault(device: number, error: ThemisError): void;
}
