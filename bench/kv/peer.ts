/**
 * What every contestant of the suite `kv` looks like. Keys and values are bytes on all sides: no
 * contestant gains or loses by an encoding. Adapters live in bench/peers (plain modules with
 * dependencies of their own) and in themis.ts.
 */
export type DurabilityMode = 'sync' | 'buffered';

export type PeerEntry = readonly [key: Uint8Array, value: Uint8Array];

export interface Peer {
  /** Resolves when the write is as durable as the peer was opened for. */
  put(key: Uint8Array, value: Uint8Array): Promise<unknown>;
  del(key: Uint8Array): Promise<unknown>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  getSync(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /** Writes many entries in the way that is fastest for this peer; durable after `settle`. */
  load(entries: PeerEntry[]): Promise<unknown>;
  /** Reads up to `count` records from `start` on; the bytes of keys and values that it saw. */
  scan(start: Uint8Array, count: number): Promise<number>;
  /** Reads all records in order in one pass, until `visit` returns false. */
  readAll(visit: (records: number, bytes: number) => boolean): Promise<void>;
  /** Resolves when everything written is durable and applied, as far as the peer can tell. */
  settle(): Promise<unknown>;
  /** Operations acknowledged but not applied; null where there is no such thing. */
  pending(): number | null;
  close(): Promise<unknown>;
}

export interface PeerModule {
  readonly name: string;
  readonly version: string;
  /** What each mode means here, for the report. */
  readonly durability: Readonly<Record<DurabilityMode, string>>;
  /** True for a variant that differs from another only in how it writes. */
  readonly writesOnly: boolean;
  open(folder: string, options: { readonly durability: DurabilityMode }): Promise<Peer>;
}

/** A contestant, or why it does not take part. */
export type LoadedPeer =
  | { readonly kind: 'loaded'; readonly module: PeerModule }
  | { readonly kind: 'skipped'; readonly reason: string };
