/**
 * Consensus of one: a command is committed when it is durable here. The quorum of a group of one
 * is the one acceptor's own disk (Lamport, Paxos Made Simple, section 2.2 with n = 1).
 */
import { assert } from '../base/index.js';
import type { LogStorage } from './log-storage.js';
import type { ReplicatedLog, ReplicatedLogListener } from './replicated-log.js';

export interface SingleVoterOptions {
  readonly storage: LogStorage;
  /** The logical log that this group writes. */
  readonly stream: number;
  /** The ballot of this run; higher than any in the log. */
  readonly ballot: number;
  /** The newest index in the log; the next proposal gets the one after. */
  readonly lastIndex: number;
}

export function createSingleVoter(options: SingleVoterOptions): ReplicatedLog {
  return new SingleVoter(options);
}

class SingleVoter implements ReplicatedLog {
  readonly memory: Uint8Array;
  readonly #storage: LogStorage;
  readonly #stream: number;
  readonly #ballot: number;
  #proposed: number;
  #committed: number;
  listener: ReplicatedLogListener = { committed: () => undefined, failed: () => undefined };

  constructor(options: SingleVoterOptions) {
    this.memory = options.storage.memory;
    this.#storage = options.storage;
    this.#stream = options.stream;
    this.#ballot = options.ballot;
    this.#proposed = options.lastIndex;
    this.#committed = options.lastIndex;
    options.storage.listener = {
      durable: (stream, index, position) => {
        assert(stream === this.#stream && index <= this.#proposed, 'durable means proposed');
        this.#committed = index;
        this.listener.committed(index, position);
      },
      failed: (error) => this.listener.failed(error),
    };
  }

  get proposedIndex(): number {
    return this.#proposed;
  }

  get committedIndex(): number {
    return this.#committed;
  }

  reserve(commandBytes: number): number {
    return this.#storage.reserve(commandBytes);
  }

  propose(commandBytes: number): number {
    this.#proposed++;
    this.#storage.append(this.#stream, this.#proposed, this.#ballot, commandBytes);
    return this.#proposed;
  }

  release(position: number): void {
    this.#storage.release(position);
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }

  truncate(index: number): Promise<void> {
    return this.#storage.truncate(this.#stream, index);
  }
}
