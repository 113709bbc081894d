/**
 * The log that the engine proposes to. One voter or many: a command is proposed, some time later
 * it is committed, in the order of indexes, and never before a quorum has it durable.
 */
export interface ReplicatedLog {
  /** Memory that commands are written into, in place. */
  readonly memory: Uint8Array;
  /** The newest index that was proposed here. */
  readonly proposedIndex: number;
  /** The newest index that is committed. */
  readonly committedIndex: number;
  /** Offset in `memory` for a command, or -1 while there is no room. The caller fills it at once. */
  reserve(commandBytes: number): number;
  /** Proposes what was reserved; returns its index. */
  propose(commandBytes: number): number;
  /** Frees room up to a committed position, once it was applied. */
  release(position: number): void;
  /** Everything committed survives a power cut here, whatever the log's durability promises. */
  sync(): Promise<void>;
  /** Commands up to `index` are in a snapshot and need not be kept. */
  truncate(index: number): Promise<void>;
  listener: ReplicatedLogListener;
}

export interface ReplicatedLogListener {
  /** Everything up to `index` is committed; it ends at `position` in the ring. */
  committed(index: number, position: number): void;
  /** This replica can propose nothing any more; what was not committed has an unknown outcome. */
  failed(error: unknown): void;
}
