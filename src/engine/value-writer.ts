/**
 * Where a value goes: a small one into the log, a large one to the devices first and its manifest
 * into the log when it is durable there. Data first, then the name.
 *
 * Invariants: a batch is atomic whatever its values; writes of one key take effect in the order of
 * their calls; what the log certainly does not name is forgotten on the devices at once; small
 * writes take the way they take without devices.
 */
import { bufferOf, isThemisError, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { BlobDraft, BlobWriteStream } from '../shard/index.js';
import { type Committer, checkKey, copyOf, type WriteOperation } from './committer.js';
import { KeyOrder } from './key-order.js';

/** The devices, as writers need them. */
export interface BlobSink {
  write(key: Uint8Array, value: Uint8Array): Promise<BlobDraft>;
  openWriteStream(key: Uint8Array): Promise<BlobWriteStream>;
  settle(draft: BlobDraft, outcome: 'committed' | 'abandoned'): void;
}

export interface ValueWriterParts {
  readonly committer: Committer;
  readonly blobs: BlobSink;
  /** Longer values go to the devices. */
  readonly inlineBytesMax: number;
  /** Told what a writer was refused with after its call returned, unless the committer tells it. */
  readonly rejected: (error: unknown) => void;
}

export class ValueWriter {
  readonly #committer: Committer;
  readonly #blobs: BlobSink;
  readonly #inlineBytesMax: number;
  readonly #rejected: (error: unknown) => void;
  readonly #order = new KeyOrder();

  constructor({ committer, blobs, inlineBytesMax, rejected }: ValueWriterParts) {
    this.#committer = committer;
    this.#blobs = blobs;
    this.#inlineBytesMax = inlineBytesMax;
    this.#rejected = rejected;
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    if (value.length > this.#inlineBytesMax) return this.#writeLarge([{ type: 'put', key, value }]);
    if (this.#order.isEmpty) return this.#committer.put(key, value);
    return this.#writeSmall([{ type: 'put', key, value }]);
  }

  write(operations: readonly WriteOperation[]): Promise<void> {
    for (const operation of operations) {
      if (this.#isLarge(operation)) return this.#writeLarge(operations);
    }
    return this.#order.isEmpty ? this.#committer.write(operations) : this.#writeSmall(operations);
  }

  /** A value that comes in chunks; it goes to the devices when it turns out to be large. */
  async putStream(key: Uint8Array, source: AsyncIterable<unknown>): Promise<void> {
    const ownKey = Uint8Array.from(key);
    const head: Uint8Array[] = [];
    let headBytes = 0;
    let stream: BlobWriteStream | null = null;
    try {
      checkKey(ownKey);
      for await (const one of source) {
        const chunk = bytesOf(one);
        if (stream !== null) {
          await stream.write(chunk);
          continue;
        }
        head.push(Uint8Array.from(chunk));
        headBytes += chunk.length;
        if (headBytes <= this.#inlineBytesMax) continue;
        stream = await this.#blobs.openWriteStream(ownKey);
        for (const early of head) await stream.write(early);
      }
    } catch (error) {
      stream?.abort();
      this.#rejected(error);
      throw error;
    }
    if (stream === null) return this.put(ownKey, Buffer.concat(head));
    const draft = await this.#told(stream.finish());
    const operation = { type: 'blob', key: ownKey, value: draft.manifest } as const;
    await this.#inOrder([operation], async () => this.#commit([operation], [draft]));
  }

  #isLarge(operation: WriteOperation): boolean {
    return operation.type === 'put' && operation.value.length > this.#inlineBytesMax;
  }

  /** A small write while large ones are under way: behind those of its own keys. */
  #writeSmall(operations: readonly WriteOperation[]): Promise<void> {
    if (this.#order.before(operations.map(({ key }) => key)) === null) {
      return this.#committer.write(operations);
    }
    const own = operations.map(copyOf);
    return this.#inOrder(own, () => this.#commit(own, []));
  }

  /** Runs a write behind those of its keys that were called before it. */
  #inOrder(operations: readonly WriteOperation[], write: () => Promise<void>): Promise<void> {
    const keys = operations.map(({ key }) => key);
    const before = this.#order.before(keys);
    const written = before === null ? write() : before.then(write);
    // Whoever waits behind it only needs to know that it ended; the caller is told how.
    this.#order.enter(
      keys,
      written.then(
        () => undefined,
        () => undefined,
      ),
    );
    return written;
  }

  #writeLarge(operations: readonly WriteOperation[]): Promise<void> {
    if (operations.length > limits.batchOperationsMax) return this.#committer.write(operations);
    for (const { key } of operations) checkKey(key);
    // Keys, and what is small, may be used again by the caller before what is large is written.
    const own = operations.map((operation) =>
      this.#isLarge(operation)
        ? { ...operation, key: Uint8Array.from(operation.key) }
        : copyOf(operation),
    );
    return this.#inOrder(own, () => this.#writeLargeNow(own));
  }

  async #writeLargeNow(operations: readonly WriteOperation[]): Promise<void> {
    const drafts: BlobDraft[] = [];
    const written = operations.map(async (operation): Promise<WriteOperation> => {
      if (operation.type === 'del' || !this.#isLarge(operation)) return operation;
      const draft = await this.#blobs.write(operation.key, operation.value);
      drafts.push(draft);
      return { type: 'blob', key: operation.key, value: draft.manifest };
    });
    const settled = await Promise.allSettled(written);
    const ready: WriteOperation[] = [];
    for (const result of settled) {
      if (result.status === 'fulfilled') {
        ready.push(result.value);
        continue;
      }
      for (const draft of drafts) this.#blobs.settle(draft, 'abandoned');
      this.#rejected(result.reason);
      throw result.reason;
    }
    await this.#commit(ready, drafts);
  }

  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#rejected(error);
      throw error;
    }
  }

  async #commit(operations: readonly WriteOperation[], drafts: readonly BlobDraft[]) {
    let written: Promise<void>;
    try {
      written = this.#committer.write(operations);
    } catch (error) {
      for (const draft of drafts) this.#blobs.settle(draft, 'abandoned');
      this.#rejected(error);
      throw error;
    }
    try {
      await written;
    } catch (error) {
      // After a failure of the log the name may be there or not; the next open finds out.
      const isUnknown = !isThemisError(error) || unknownOutcomes.has(error.code);
      const outcome = isUnknown ? 'committed' : 'abandoned';
      for (const draft of drafts) this.#blobs.settle(draft, outcome);
      throw error;
    }
    for (const draft of drafts) this.#blobs.settle(draft, 'committed');
  }
}

/** Codes of a write that may have happened all the same. */
const unknownOutcomes: ReadonlySet<string> = new Set([
  'THEMIS_LOG_FAILED',
  'THEMIS_IO',
  'THEMIS_TASK_FAILED',
  'THEMIS_STATE_CORRUPT',
]);

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return bufferOf(new TextEncoder().encode(chunk));
  const message = `A stream gave a chunk of type ${typeof chunk}; give bytes or text.`;
  throw new ThemisError('THEMIS_CONFIG_INVALID', message);
}
