/**
 * The write path: encodes an atomic batch into the shared ring, proposes it, and answers its writer
 * when it is committed. Writers that find no room wait in order, bounded in number and bytes.
 *
 * Invariants: a writer is answered exactly once; nothing is acknowledged that is not committed;
 * writes take effect in the order in which they were called; a failed log rejects every writer
 * whose outcome is open.
 */
import { isThemisError, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { ReplicatedLog } from '../consensus/index.js';
import {
  commandHeaderBytes,
  operationBytes,
  operationKinds,
  type PendingIndex,
  writeCommandHeader,
  writeOperation,
} from '../metadata/index.js';

export type WriteOperation =
  /** The value of a blob is its manifest. */
  | { readonly type: 'put' | 'blob'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

type Resolve = () => void;
type Reject = (error: unknown) => void;

interface Waiting {
  readonly operations: readonly WriteOperation[];
  readonly bytes: number;
  readonly resolve: Resolve;
  readonly reject: Reject;
}

/** Writers that were proposed, by index: two circular arrays. */
class OpenProposals {
  #mask = 1023;
  #resolve: (Resolve | undefined)[] = new Array(1024);
  #reject: (Reject | undefined)[] = new Array(1024);
  #first: number;
  #next: number;

  constructor(nextIndex: number) {
    this.#first = nextIndex;
    this.#next = nextIndex;
  }

  get size(): number {
    return this.#next - this.#first;
  }

  add(resolve: Resolve, reject: Reject): void {
    if (this.size > this.#mask) this.#grow();
    const at = this.#next++ % (this.#mask + 1);
    this.#resolve[at] = resolve;
    this.#reject[at] = reject;
  }

  resolveUpTo(index: number): void {
    while (this.#first <= index) {
      const at = this.#first++ % (this.#mask + 1);
      const resolve = this.#resolve[at];
      this.#resolve[at] = undefined;
      this.#reject[at] = undefined;
      resolve?.();
    }
  }

  rejectAll(error: unknown, rejected: (error: unknown) => void): void {
    while (this.#first < this.#next) {
      const at = this.#first++ % (this.#mask + 1);
      const reject = this.#reject[at];
      this.#resolve[at] = undefined;
      this.#reject[at] = undefined;
      reject?.(error);
      rejected(error);
    }
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2;
    const resolve: (Resolve | undefined)[] = new Array(size);
    const reject: (Reject | undefined)[] = new Array(size);
    for (let index = this.#first; index < this.#next; index++) {
      resolve[index % size] = this.#resolve[index % (this.#mask + 1)];
      reject[index % size] = this.#reject[index % (this.#mask + 1)];
    }
    this.#mask = size - 1;
    this.#resolve = resolve;
    this.#reject = reject;
  }
}

export interface CommitterOptions {
  readonly log: ReplicatedLog;
  readonly pending: PendingIndex;
  /** Longest command that fits this log, in bytes. */
  readonly commandBytesMax: number;
  /** Told what a writer was refused with after its call returned; what a call throws is not. */
  readonly rejected: (error: unknown) => void;
}

export class Committer {
  readonly #log: ReplicatedLog;
  readonly #pending: PendingIndex;
  readonly #commandBytesMax: number;
  readonly #rejected: (error: unknown) => void;
  readonly #open: OpenProposals;
  readonly #waiting: Waiting[] = [];
  #onAnswered: Resolve[] = [];
  #waitingFrom = 0;
  #waitingBytes = 0;
  #ended: ThemisError | null = null;

  constructor(options: CommitterOptions) {
    this.#log = options.log;
    this.#pending = options.pending;
    this.#commandBytesMax = options.commandBytesMax;
    this.#rejected = options.rejected;
    this.#open = new OpenProposals(options.log.proposedIndex + 1);
  }

  /** Why nothing can be written, or null. */
  get failure(): ThemisError | null {
    return this.#ended;
  }

  /** Writers proposed or waiting for room. */
  get openWriters(): number {
    return this.#open.size + this.#waiting.length - this.#waitingFrom;
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    checkKey(key);
    checkValueBytes(value.length);
    const bytes = commandHeaderBytes + operationBytes(key.length, value.length);
    if (bytes > this.#commandBytesMax) throw tooLarge(value.length, this.#commandBytesMax);
    const offset = this.#room(bytes);
    if (offset < 0) return this.#wait([{ type: 'put', key, value }], bytes);
    const { memory } = this.#log;
    const at = writeCommandHeader(memory, offset, 1);
    writeOperation(memory, at, operationKinds.put, key, value);
    this.#pending.add(at, this.#log.propose(bytes));
    return new Promise((resolve, reject) => this.#open.add(resolve, reject));
  }

  delete(key: Uint8Array): Promise<void> {
    return this.write([{ type: 'del', key }]);
  }

  /** Writes an atomic batch. */
  write(operations: readonly WriteOperation[]): Promise<void> {
    if (operations.length > limits.batchOperationsMax) {
      const message = `A batch of ${operations.length} operations exceeds the limit of ${limits.batchOperationsMax}; split it.`;
      throw new ThemisError('THEMIS_BATCH_TOO_LARGE', message);
    }
    let bytes = commandHeaderBytes;
    for (const operation of operations) {
      checkKey(operation.key);
      const valueBytes = operation.type === 'del' ? 0 : operation.value.length;
      checkValueBytes(valueBytes);
      bytes += operationBytes(operation.key.length, valueBytes);
    }
    if (bytes > this.#commandBytesMax) {
      const limit = this.#commandBytesMax;
      const message = `A batch of ${bytes} bytes exceeds the limit of ${limit}; split it.`;
      throw new ThemisError('THEMIS_BATCH_TOO_LARGE', message);
    }
    const offset = this.#room(bytes);
    if (offset < 0) return this.#wait(operations, bytes);
    this.#propose(operations, bytes, offset);
    return new Promise((resolve, reject) => this.#open.add(resolve, reject));
  }

  /** Answers the writers of everything up to `index`. */
  committed(index: number): void {
    this.#open.resolveUpTo(index);
    if (this.#open.size === 0) this.#tellAnswered();
  }

  /** Resolves when every proposal is answered, by a commit or by a failure. */
  answered(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAnswered.push(resolve);
    });
  }

  /** Room was freed: lets waiting writers in, in order. */
  roomFreed(): void {
    while (this.#waitingFrom < this.#waiting.length) {
      const next = this.#waiting[this.#waitingFrom] as Waiting;
      const offset = this.#reserveFor(next);
      if (offset === -1) {
        this.#dropServed();
        return;
      }
      this.#waitingFrom++;
      this.#waitingBytes -= next.bytes;
      if (offset === null) continue;
      this.#propose(next.operations, next.bytes, offset);
      this.#open.add(next.resolve, next.reject);
    }
    this.#waiting.length = 0;
    this.#waitingFrom = 0;
  }

  /** The log or the state has failed: nothing open will be acknowledged, nothing new is taken. */
  fail(error: unknown): ThemisError {
    const failure = isThemisError(error)
      ? error
      : new ThemisError(
          'THEMIS_LOG_FAILED',
          `The log failed (${messageOf(error)}); writes without an answer may or may not ` +
            'survive. Close and reopen.',
          error,
        );
    this.#ended ??= failure;
    this.#open.rejectAll(failure, this.#rejected);
    this.#refuseWaiting(failure);
    this.#tellAnswered();
    return failure;
  }

  /** The engine is closing: waiting writers are refused, proposed ones are still answered. */
  close(): void {
    this.#ended ??= new ThemisError('THEMIS_CLOSED', 'The database is closing; open it again.');
    this.#refuseWaiting(this.#ended);
  }

  #tellAnswered(): void {
    for (const resolve of this.#onAnswered.splice(0)) resolve();
  }

  #refuseWaiting(error: ThemisError): void {
    const refused = this.#waiting.splice(0).slice(this.#waitingFrom);
    this.#waitingFrom = 0;
    this.#waitingBytes = 0;
    for (const writer of refused) this.#refuse(writer, error);
  }

  /** Writers that were let in are kept no longer; each is moved past once, on average. */
  #dropServed(): void {
    if (this.#waitingFrom * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#waitingFrom);
    this.#waitingFrom = 0;
  }

  #refuse(writer: Waiting, error: unknown): void {
    writer.reject(error);
    this.#rejected(error);
  }

  #room(bytes: number): number {
    if (this.#ended !== null) throw this.#ended;
    if (this.#waiting.length > 0) return -1;
    return this.#reserve(bytes, 1);
  }

  /** Null when the log refuses this writer (a full disk), who is told so. */
  #reserveFor(writer: Waiting): number | null {
    try {
      return this.#reserve(writer.bytes, writer.operations.length);
    } catch (error) {
      this.#refuse(writer, error);
      return null;
    }
  }

  #reserve(bytes: number, operations: number): number {
    if (this.#pending.size + operations > limits.pendingOperationsMax) return -1;
    return this.#log.reserve(bytes);
  }

  #propose(operations: readonly WriteOperation[], bytes: number, offset: number): void {
    const { memory } = this.#log;
    const index = this.#log.proposedIndex + 1;
    let at = writeCommandHeader(memory, offset, operations.length);
    for (const operation of operations) {
      const next =
        operation.type === 'del'
          ? writeOperation(memory, at, operationKinds.delete, operation.key, null)
          : writeOperation(
              memory,
              at,
              operationKinds[operation.type],
              operation.key,
              operation.value,
            );
      this.#pending.add(at, index);
      at = next;
    }
    this.#log.propose(bytes);
  }

  #wait(operations: readonly WriteOperation[], bytes: number): Promise<void> {
    const waiting = this.#waiting.length - this.#waitingFrom;
    if (
      waiting >= limits.writersWaitingMax ||
      this.#waitingBytes + bytes > limits.writersWaitingBytesMax
    ) {
      const message = `${waiting} writers wait for the disk to keep up; retry later or write less at once.`;
      throw new ThemisError('THEMIS_OVERLOADED', message);
    }
    this.#waitingBytes += bytes;
    // The caller may reuse its buffers after the call; what waits needs its own.
    const own = operations.map(copyOf);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operations: own, bytes, resolve, reject });
    });
  }
}

/** The same with bytes of its own. */
export function copyOf(operation: WriteOperation): WriteOperation {
  const key = Uint8Array.from(operation.key);
  if (operation.type === 'del') return { type: 'del', key };
  return { type: operation.type, key, value: Uint8Array.from(operation.value) };
}

/** Throws THEMIS_KEY_TOO_LARGE. */
export function checkKey(key: Uint8Array): void {
  if (key.length <= limits.keyBytesMax) return;
  const message = `A key of ${key.length} bytes exceeds the limit of ${limits.keyBytesMax}.`;
  throw new ThemisError('THEMIS_KEY_TOO_LARGE', message);
}

/** A value that the limits allow and this log's segments do not. */
function tooLarge(bytes: number, limit: number): ThemisError {
  const message = `A value of ${bytes} bytes does not fit a log of commands up to ${limit} bytes.`;
  return new ThemisError('THEMIS_VALUE_TOO_LARGE', message);
}

function checkValueBytes(bytes: number): void {
  if (bytes <= limits.valueBytesMax) return;
  const message = `A value of ${bytes} bytes exceeds the limit of ${limits.valueBytesMax}.`;
  throw new ThemisError('THEMIS_VALUE_TOO_LARGE', message);
}
