/**
 * The backlog: what the log's files hold and the state does not have yet, findable by key, so that
 * a store serves right after its log was checked and applies the backlog behind its back.
 *
 * Nodes lie in shared typed arrays in the order of the log: 24 bytes an operation, no values.
 *
 *   hashes   hash of the key             batches  log position of the batch that holds it
 *   older    next node of the bucket     indexes  index of its record
 *   heads    bucket -> its newest node
 *
 * The log thread builds it while it checks the log; the main loop reads it. A key is compared where
 * it lies, in the log, so a collision of hashes costs a read and nothing else.
 */
import type { LogRecord } from '../wal/index.js';
import {
  checkCommand,
  commandHeaderBytes,
  nextOperation,
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
} from './command.js';
import { hashBytes } from './pending-index.js';

const none = -1;
const capacityMin = 1 << 12;

/** Plain data over shared memory: it can be sent to another thread. */
export interface BacklogData {
  readonly size: number;
  /** Buckets minus one; their number is a power of two. */
  readonly mask: number;
  readonly hashes: Int32Array;
  readonly older: Int32Array;
  readonly batches: Float64Array;
  readonly indexes: Float64Array;
  readonly heads: Int32Array;
  /** The last record in it; when the state has that, the backlog is needed no more. */
  readonly lastIndex: number;
}

export class BacklogBuilder {
  readonly #stream: number;
  readonly #appliedIndex: number;
  #hashes = sharedInts(capacityMin);
  #batches = sharedFloats(capacityMin);
  #indexes = sharedFloats(capacityMin);
  #size = 0;
  #lastIndex = 0;

  /** Collects operations of this stream's records behind `appliedIndex`. */
  constructor(stream: number, appliedIndex: number) {
    this.#stream = stream;
    this.#appliedIndex = appliedIndex;
  }

  add(record: LogRecord): void {
    if (record.stream !== this.#stream || record.index <= this.#appliedIndex) return;
    this.#lastIndex = record.index;
    const { bytes, payloadStart, payloadLength, batchPosition, index } = record;
    // A malformed command is found again, and told, by whoever applies it.
    const count = checkCommand(bytes, payloadStart, payloadLength);
    let at = payloadStart + commandHeaderBytes;
    for (let i = 0; i < count; i++) {
      if (this.#size === this.#hashes.length) this.#grow();
      const slot = this.#size++;
      this.#hashes[slot] = hashBytes(
        bytes,
        at + operationHeaderBytes,
        operationKeyBytes(bytes, at),
      );
      this.#batches[slot] = batchPosition;
      this.#indexes[slot] = index;
      at = nextOperation(bytes, at);
    }
  }

  /** The finished backlog, or null when the state has everything. */
  finish(): BacklogData | null {
    if (this.#lastIndex === 0) return null;
    const size = this.#size;
    let buckets = 1;
    while (buckets < size) buckets *= 2;
    const heads = sharedInts(buckets).fill(none);
    const older = sharedInts(Math.max(1, size));
    const hashes = this.#hashes;
    for (let slot = 0; slot < size; slot++) {
      const bucket = (hashes[slot] as number) & (buckets - 1);
      older[slot] = heads[bucket] as number;
      heads[bucket] = slot;
    }
    return {
      size,
      mask: buckets - 1,
      hashes,
      older,
      heads,
      batches: this.#batches,
      indexes: this.#indexes,
      lastIndex: this.#lastIndex,
    };
  }

  #grow(): void {
    const length = this.#hashes.length * 2;
    this.#hashes = copied(this.#hashes, sharedInts(length));
    this.#batches = copied(this.#batches, sharedFloats(length));
    this.#indexes = copied(this.#indexes, sharedFloats(length));
  }
}

/** Where an operation may be: in the record `index` of the batch at log position `batch`. */
export interface BacklogPlace {
  readonly batch: number;
  readonly index: number;
}

export class Backlog {
  readonly #data: BacklogData;

  constructor(data: BacklogData) {
    this.#data = data;
  }

  get lastIndex(): number {
    return this.#data.lastIndex;
  }

  /** Records that may hold the key, newest first, each once. */
  *places(key: Uint8Array): Generator<BacklogPlace, void, undefined> {
    const { heads, hashes, older, batches, indexes, mask } = this.#data;
    const hash = hashBytes(key, 0, key.length);
    let last = none;
    for (let slot = heads[hash & mask] as number; slot !== none; slot = older[slot] as number) {
      const index = indexes[slot] as number;
      if (hashes[slot] !== hash || index === last) continue;
      last = index;
      yield { batch: batches[slot] as number, index };
    }
  }
}

/** What a record says about a key: its last operation on it. */
export type KeyOperation =
  | { readonly kind: 'put'; readonly value: Uint8Array; readonly isBlob: boolean }
  | { readonly kind: 'delete' }
  | { readonly kind: 'absent' };

export function operationOn(key: Uint8Array, record: LogRecord): KeyOperation {
  const { bytes, payloadStart, payloadLength } = record;
  const count = checkCommand(bytes, payloadStart, payloadLength);
  let found: KeyOperation = { kind: 'absent' };
  let at = payloadStart + commandHeaderBytes;
  for (let i = 0; i < count; i++) {
    const keyAt = at + operationHeaderBytes;
    const valueAt = keyAt + operationKeyBytes(bytes, at);
    if (Buffer.compare(key, bytes.subarray(keyAt, valueAt)) === 0) {
      const value = bytes.subarray(valueAt, valueAt + operationValueBytes(bytes, at));
      const kind = operationKind(bytes, at);
      const isBlob = kind === operationKinds.blob;
      found =
        kind === operationKinds.delete
          ? { kind: 'delete' }
          : { kind: 'put', value: Uint8Array.from(value), isBlob };
    }
    at = nextOperation(bytes, at);
  }
  return found;
}

function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

function copied<A extends Int32Array | Float64Array>(source: A, target: A): A {
  target.set(source);
  return target;
}
