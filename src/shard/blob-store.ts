/**
 * Large values on devices: the one door to writing, reading and forgetting them. Decisions and
 * state live here, in the main loop; bytes are encoded, written and read in threads.
 *
 *   write -> draft -> its manifest goes through the log -> settle -> read by the manifest -> died
 *
 * Data first, then the name: a crash between leaves fragments that nothing names, which
 * `collectGarbage` finds; a name never stands without its data.
 */

import { assert, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentName } from '../device/index.js';
import type { Clock, FileSystem, RandomStream, Timers } from '../io/index.js';
import type { CodingKernel, Kernel } from '../kernel/index.js';
import { BlobPins } from './blob-pins.js';
import type { BlobDevices } from './blob-ports.js';
import { readInChunks } from './blob-read-stream.js';
import { BlobReader } from './blob-reader.js';
import type { BlobCompute } from './blob-tasks.js';
import type { BlobWriteStream } from './blob-write-stream.js';
import type { BlobDraft } from './blob-writer.js';
import { BlobWrites } from './blob-writes.js';
import { decodeManifest, type Manifest } from './manifest.js';
import type { FragmentDamage } from './read-judge.js';
import { ReadSlab } from './read-slab.js';
import { readStripes } from './read-stripes.js';
import type { DurableCode } from './redundancy.js';
import { type StripeRange, stripeCount, stripeRanges } from './stripe-layout.js';
import { SyncReader } from './sync-reader.js';

export interface BlobStoreParts {
  readonly devices: BlobDevices;
  readonly compute: BlobCompute;
  readonly kernel: Kernel;
  /** For reads that must return with the value. */
  readonly coding: CodingKernel;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomStream;
  readonly clusterId: Uint8Array;
  /** Memory for values on their way to devices; at least two of the largest stripes. */
  readonly memoryBytes: number;
  readonly redundancyOf: (key: Uint8Array) => DurableCode;
  /** The highest blob that the state or the log names; 0 for none. Asked before the first write. */
  readonly knownBlobMax: () => Promise<number>;
}

/** What repair wants to know. */
export interface BlobStoreListener {
  /** A read met a fragment that it could not use. */
  damaged(damage: FragmentDamage): void;
  /** A value was kept without these fragments: devices failed, or were too slow. */
  incomplete(missing: readonly FragmentName[]): void;
}

export interface ByteRange {
  /** First byte, from 0; absent: 0. */
  readonly start?: number | undefined;
  /** Behind the last byte; absent, or beyond the value: the value's length. */
  readonly end?: number | undefined;
}

export class BlobStore {
  readonly #parts: BlobStoreParts;
  readonly #writes: BlobWrites;
  readonly #slab: ReadSlab;
  readonly #reader: BlobReader;
  readonly #syncReader: SyncReader;
  readonly #pins: BlobPins;
  #listener: BlobStoreListener | null = null;
  /** Reads under way, and who waits for them to end. */
  #reads = 0;
  #onReadsEnded: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: BlobStoreParts) {
    assert(parts.memoryBytes >= 2 * limits.blobSlotBytesMax, 'the slab holds two stripes');
    const damaged = (damage: FragmentDamage): void => this.#listener?.damaged(damage);
    this.#parts = parts;
    this.#writes = new BlobWrites({
      ...parts,
      incomplete: (missing) => this.#listener?.incomplete(missing),
    });
    this.#slab = new ReadSlab(parts.random);
    const slab = this.#slab;
    this.#reader = new BlobReader({ ...parts, damaged, slab });
    this.#syncReader = new SyncReader({ ...parts, damaged, slab });
    this.#pins = new BlobPins(({ blob, stripes, width }) => {
      parts.devices.forgetBlob(blob, stripes, width);
    });
  }

  /** Values that are being written or read. */
  get active(): number {
    return this.#writes.active + this.#reads;
  }

  set listener(listener: BlobStoreListener) {
    this.#listener = listener;
  }

  /**
   * Puts a value on the devices; resolves when enough of it is durable. The value's bytes may not
   * change before that. The caller writes draft.manifest to the log and then calls `settle`.
   * Errors: THEMIS_VALUE_TOO_LARGE, THEMIS_DEVICES_TOO_FEW, THEMIS_DISK_FULL, THEMIS_OVERLOADED,
   * THEMIS_DEADLINE_EXCEEDED, THEMIS_CLOSED; of a value that fails, nothing is kept.
   */
  write(key: Uint8Array, value: Uint8Array): Promise<BlobDraft> {
    return this.#writes.write(this.#parts.redundancyOf(key), value);
  }

  /** Begins a value whose length nobody knows. Errors as of write. */
  openWriteStream(key: Uint8Array): Promise<BlobWriteStream> {
    return this.#writes.openStream(this.#parts.redundancyOf(key));
  }

  /**
   * Says what became of a draft: `committed` when the log has the name; `abandoned` when it
   * certainly has not, and its fragments are forgotten.
   */
  settle(draft: BlobDraft, outcome: 'committed' | 'abandoned'): void {
    this.#writes.settle(draft.blob, outcome);
  }

  /**
   * A whole value, in memory of its own. Errors: THEMIS_BLOB_LOST; THEMIS_VALUE_TOO_LARGE for one
   * that must be streamed; THEMIS_STATE_CORRUPT for a damaged manifest; THEMIS_OVERLOADED.
   */
  async read(manifest: Uint8Array): Promise<Buffer> {
    return this.readRange(manifest, {});
  }

  /** As read, only the blocks that the range touches. */
  async readRange(manifest: Uint8Array, range: ByteRange): Promise<Buffer> {
    this.#checkOpen();
    const decoded = decodeManifest(this.#parts.kernel, manifest);
    const { start, end } = clamped(decoded, range);
    checkReadable(end - start);
    return this.#readPinned(decoded, stripeRanges(decoded, start, end));
  }

  /** As read, by this thread: the event loop stands still meanwhile. */
  readSync(manifest: Uint8Array): Buffer {
    this.#checkOpen();
    const decoded = decodeManifest(this.#parts.kernel, manifest);
    checkReadable(decoded.length);
    return this.#syncReader.read(decoded, 0, decoded.length);
  }

  /**
   * A value, or a range of it, in chunks of up to a stripe; a few are read ahead. The blob is
   * pinned until the iteration ends. Errors as of read, without a limit to the length.
   */
  async *readStream(
    manifest: Uint8Array,
    range: ByteRange = {},
  ): AsyncGenerator<Buffer, void, undefined> {
    this.#checkOpen();
    const decoded = decodeManifest(this.#parts.kernel, manifest);
    const { start, end } = clamped(decoded, range);
    this.#pins.pin(decoded.blob);
    try {
      const read = (stripe: StripeRange) => this.#readPinned(decoded, [stripe]);
      yield* readInChunks(decoded, start, end, read);
    } finally {
      this.#pins.unpin(decoded.blob);
    }
  }

  /** While pinned, a blob outlives its death; pins are counted. */
  pin(blob: number): void {
    this.#pins.pin(blob);
  }

  unpin(blob: number): void {
    this.#pins.unpin(blob);
  }

  /** No version needs these blobs any more, and that is durable in the log. */
  died(blobs: Iterable<{ readonly manifest: Uint8Array }>): void {
    for (const { manifest } of blobs) {
      const decoded = decodeManifest(this.#parts.kernel, manifest);
      const width = decoded.data + decoded.parity;
      this.#pins.release({ blob: decoded.blob, stripes: stripeCount(decoded), width });
    }
  }

  /**
   * Forgets what crashed writes left: blobs of earlier sessions that nothing names. Call it when
   * the log is applied: nobody can name such a blob any more, so this is a proof, not a guess by
   * age. Blobs of this session are followed by settle and died. Returns how many were forgotten;
   * the event loop goes on in between.
   */
  async collectGarbage(isNamed: (blob: number) => boolean): Promise<number> {
    const { devices } = this.#parts;
    const garbage = new Set<number>();
    let cursor: number | null = 0;
    while (cursor !== null && !this.#isClosed) {
      cursor = devices.visit(cursor, limits.garbageStepEntries, (name, place) => {
        const { blob } = name;
        if (!this.#writes.session.isOlder(blob) || isNamed(blob)) return;
        garbage.add(blob);
        devices.forgetFragment(name, place);
      });
      if (cursor !== null) await new Promise((resolve) => setImmediate(resolve));
    }
    return garbage.size;
  }

  /** Fails what is not durable or waits to be read, and waits for what runs. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.rejectWaiting(closedError());
    await this.#writes.close();
    if (this.#reads > 0) {
      await new Promise<void>((resolve) => {
        this.#onReadsEnded = resolve;
      });
    }
    this.#syncReader.close();
    this.#slab.close();
  }

  async #readPinned(manifest: Manifest, ranges: readonly StripeRange[]): Promise<Buffer> {
    this.#checkOpen();
    const { blob } = manifest;
    this.#pins.pin(blob);
    this.#reads += 1;
    try {
      return await readStripes(manifest, ranges, this.#reader);
    } finally {
      this.#reads -= 1;
      this.#pins.unpin(blob);
      if (this.#reads === 0) this.#onReadsEnded?.();
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function closedError(): ThemisError {
  return new ThemisError('THEMIS_CLOSED', 'The store of large values is closed.');
}

function checkReadable(bytes: number): void {
  if (bytes <= limits.blobReadBytesMax) return;
  const message =
    `${bytes} bytes are too many to read in one piece (${limits.blobReadBytesMax}); ` +
    'read a range or a stream.';
  throw new ThemisError('THEMIS_VALUE_TOO_LARGE', message);
}

function clamped(manifest: Manifest, range: ByteRange): { start: number; end: number } {
  const { start = 0, end = manifest.length } = range;
  assert(start >= 0 && end >= 0, 'ranges were checked at the edge');
  const last = Math.min(end, manifest.length);
  return { start: Math.min(start, last), end: last };
}
