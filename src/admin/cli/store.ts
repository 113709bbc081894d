/**
 * What the commands need of an engine, declared here so that tests can give them another one.
 * Keys and values are bytes. Every method may throw a ThemisError.
 */
export interface Store {
  /** Resolves once the write is as durable as the store's durability promises. */
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  del(key: Uint8Array): Promise<void>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Entries in the order of their keys. Leaving the loop early releases what it held. */
  scan(range: StoreRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>;
  status(): Promise<StoreStatus>;
  health(): Promise<StoreHealth>;
  /** Writes a snapshot of the state into the log now. */
  takeSnapshot(): Promise<void>;
  close(): Promise<void>;
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
  /** Groups of names and values for people, in the order to show them. */
  readonly sections: readonly StatusSection[];
  /** The engine's own status, for machines. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StatusSection {
  readonly title: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
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
}

export interface StoreOptions {
  /** False: an absent folder is an error, not a new store. */
  readonly createIfMissing: boolean;
  /** The engine's options, already resolved from file, environment and flags. */
  readonly engine: Readonly<Record<string, unknown>>;
}

export type OpenStore = (folder: string, options: StoreOptions) => Promise<Store>;
