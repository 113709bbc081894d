/**
 * The storage that consensus consumes: an append-only log of records in shared memory, durable in
 * order. wal implements it; consensus declares it, so that neither knows the other.
 */
export interface LogStorage {
  /** The ring that payloads are written into. */
  readonly memory: Uint8Array;
  /** Offset in `memory` for a payload, or -1 while there is no room. The caller fills it at once. */
  reserve(payloadBytes: number): number;
  /** Appends what was reserved. Indexes of a stream are contiguous. */
  append(stream: number, index: number, ballot: number, payloadBytes: number): void;
  /** Frees room up to a position that `durable` reported, once its records were applied. */
  release(position: number): void;
  /** What was reported durable survives a power cut, whatever the log's durability promises. */
  sync(): Promise<void>;
  truncate(stream: number, index: number): Promise<void>;
  listener: LogStorageListener;
}

export interface LogStorageListener {
  durable(stream: number, index: number, position: number): void;
  failed(error: unknown): void;
}
