/**
 * What the commands need of an engine, declared here so that tests can give them another one.
 * Keys and values are bytes. Every method may throw a ThemisError.
 */
import type { DeviceStatus, ValueStat } from '../../engine/index.js';
import type { RepairJob, ShardHealthReport } from '../../shard/index.js';

export interface Store {
  /** Resolves once the write is as durable as the store's durability promises. */
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  del(key: Uint8Array): Promise<void>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Resolves as put does; the value may be of any length. */
  putStream(key: Uint8Array, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Bytes [start, end) of a value in chunks. Throws THEMIS_KEY_NOT_FOUND. */
  getStream(key: Uint8Array, part: ValuePart): AsyncIterable<Uint8Array>;
  /** What a key holds, without reading it. */
  stat(key: Uint8Array): Promise<ValueStat | undefined>;
  /** Entries in the order of their keys. Leaving the loop early releases what it held. */
  scan(range: StoreRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** The same, but values that lie on devices are not read. */
  list(range: StoreRange): AsyncIterable<ListedEntry>;
  /** The folders of large values; none before the first of them. */
  devices(): Promise<readonly DeviceStatus[]>;
  addDevice(path: string, isSpare: boolean): Promise<DeviceStatus>;
  replaceDevice(device: number, path: string): Promise<DeviceStatus>;
  removeDevice(device: number): Promise<void>;
  /** Compares what is on the devices with what must be there, and makes anew what is missing. */
  repair(key: Uint8Array | null, onProgress: (job: RepairJob) => void): Promise<RepairJob>;
  /** Reads and verifies everything on the devices, and repairs what is damaged. */
  scrub(onProgress: (job: RepairJob) => void): Promise<RepairJob>;
  status(): Promise<StoreStatus>;
  health(): Promise<StoreHealth>;
  /** Writes a snapshot of the state into the log now. */
  takeSnapshot(): Promise<void>;
  close(): Promise<void>;
}

/** The value is null when it lies on devices: ask `stat`. */
export type ListedEntry = readonly [key: Uint8Array, value: Uint8Array | null];

export interface ValuePart {
  readonly start?: number;
  readonly end?: number;
}

export interface StoreRange {
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** What an open store says of itself; everything else it knows is in `details`. */
export interface StoreStatus {
  readonly recovery: RecoveryReport;
  readonly redundancy: RedundancyStatus;
  /** Groups of names and values for people, in the order to show them. */
  readonly sections: readonly StatusSection[];
  /** The engine's own status, for machines. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StatusSection {
  readonly title: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/** How much of a large value may be lost. */
export interface RedundancyStatus {
  /** In words, such as `4+2`. */
  readonly words: string;
  /** The same for keys that begin so. */
  readonly byPrefix: Readonly<Record<string, string>>;
  /** Devices that the widest of them needs. */
  readonly width: number;
}

/** What the last open had to do. */
export interface RecoveryReport {
  readonly durationMs: number;
  readonly records: number;
  readonly bytes: number;
  /** Bytes of a torn tail that were cut and kept aside. */
  readonly tornBytes: number;
  /** Damages that were found and repaired, each as a sentence that says from what. */
  readonly repairs: readonly string[];
  /** Whether the applied state was built anew, because it was damaged or missing. */
  readonly isStateRebuilt: boolean;
  /** Damaged files that were moved out of the way. */
  readonly filesSetAside: number;
}

export interface StoreHealth {
  readonly isHealthy: boolean;
  /** One sentence that leads the status. */
  readonly headline: string;
  readonly devices: readonly DeviceStatus[];
  /** How whole the large values are; empty while there are none. */
  readonly shards: readonly ShardHealthReport[];
}

export interface StoreOptions {
  /** False: an absent folder is an error, not a new store. */
  readonly createIfMissing: boolean;
  /** The engine's options, already resolved from file, environment and flags. */
  readonly engine: Readonly<Record<string, unknown>>;
}

export type OpenStore = (folder: string, options: StoreOptions) => Promise<Store>;
