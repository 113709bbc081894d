/**
 * Writes a snapshot: aside as `.partial`, synced, verified by reading all of it back, renamed,
 * its folder synced. A crash before the rename leaves a `.partial`, which the next open removes;
 * after it, a whole snapshot.
 */
import { assert, compareBytes, ThemisError, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { writeWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { hashEntries, indexEntries } from './snapshot-chunk.js';
import {
  chunkHeaderBytes,
  chunksStart,
  encodeFooter,
  encodeHeader,
  entryHeaderBytes,
  type SnapshotHeader,
  type SnapshotManifest,
  sealChunk,
  sealOf,
  snapshotBlockBytes,
  snapshotCorrupt,
} from './snapshot-file.js';
import { verifySnapshot } from './snapshot-reader.js';
import { StateHash } from './state-hash.js';

export const partialSuffix = '.partial';

export interface SnapshotOptions extends SnapshotHeader {
  /** Bytes of entries after which a chunk ends; tests make it small. */
  readonly chunkBytes?: number;
}

/**
 * Invariants: keys come in ascending order; a chunk is at most `chunkBytes` of entries, or one
 * entry; memory is one chunk. After an error of any method only `abort` may follow.
 */
export class SnapshotWriter {
  readonly #fs: FileSystem;
  readonly #kernel: Kernel;
  readonly #path: string;
  readonly #header: SnapshotHeader;
  readonly #headerCrc: number;
  readonly #chunkBytes: number;
  readonly #hash = new StateHash();
  #file: FileHandle | null;
  #chunk: Uint8Array;
  #view: DataView;
  /** Bytes of entries in the chunk, and how many they are. */
  #used = 0;
  #chunkEntries = 0;
  #lastKey: Uint8Array | null = null;
  #position = chunksStart;
  #chain: number;
  #chunks = 0;
  #entries = 0;

  /** Starts `<path>.partial`; throws the system's errors. A leftover of that name is removed. */
  constructor(fs: FileSystem, path: string, kernel: Kernel, options: SnapshotOptions) {
    const { chunkBytes = limits.snapshotChunkBytes, ...header } = options;
    this.#fs = fs;
    this.#kernel = kernel;
    this.#path = path;
    this.#header = header;
    this.#chunkBytes = chunkBytes;
    this.#chunk = new Uint8Array(chunkHeaderBytes + chunkBytes);
    this.#view = viewOf(this.#chunk);
    const block = encodeHeader(kernel, header);
    this.#headerCrc = sealOf(block);
    this.#chain = this.#headerCrc;
    if (fs.stat(this.#partial) !== null) fs.unlink(this.#partial);
    this.#file = fs.open(this.#partial, { access: 'read-write', create: true });
    writeWhole(this.#file, block, block.length, 0);
    writeWhole(this.#file, block, block.length, snapshotBlockBytes);
  }

  get #partial(): string {
    return this.#path + partialSuffix;
  }

  /**
   * Adds one entry; copies key and value. Keys must ascend. Throws THEMIS_KEY_TOO_LARGE,
   * THEMIS_VALUE_TOO_LARGE, and the system's errors.
   */
  add(key: Uint8Array, value: Uint8Array, version: number, kind: number): void {
    this.#checkEntry(key, value);
    const bytes = entryHeaderBytes + key.length + value.length;
    if (this.#used > 0 && this.#used + bytes > this.#chunkBytes) this.#flush();
    this.#reserve(bytes);
    const at = chunkHeaderBytes + this.#used;
    this.#view.setUint32(at, key.length, true);
    this.#view.setUint32(at + 4, value.length, true);
    writeU64(this.#view, at + 8, version);
    this.#view.setUint8(at + entryHeaderBytes - 1, kind);
    const keyAt = at + entryHeaderBytes;
    this.#chunk.set(key, keyAt);
    this.#chunk.set(value, keyAt + key.length);
    this.#lastKey = this.#chunk.subarray(keyAt, keyAt + key.length);
    this.#used += bytes;
    this.#chunkEntries++;
  }

  /**
   * Ends the snapshot and makes it durable under its name. Throws THEMIS_SNAPSHOT_CORRUPT when
   * what was read back is not what was written, and the system's errors.
   */
  finish(): SnapshotManifest {
    if (this.#used > 0) this.#flush();
    const counts = {
      chain: this.#chain,
      chunks: this.#chunks,
      entries: this.#entries,
      fileBytes: this.#position + snapshotBlockBytes,
      stateHash: this.#hash.value,
    };
    const footer = encodeFooter(this.#kernel, { headerCrc: this.#headerCrc, ...counts });
    const file = this.#opened();
    writeWhole(file, footer, footer.length, this.#position);
    file.sync();
    this.#close();
    const found = verifySnapshot(this.#fs, this.#partial, this.#kernel);
    const same = found.chain === counts.chain && found.stateHash === counts.stateHash;
    if (!same) throw snapshotCorrupt(this.#partial, 'it reads back differently');
    this.#fs.rename(this.#partial, this.#path);
    this.#fs.syncDirectory(this.#path.slice(0, this.#path.lastIndexOf('/')) || '/');
    return { ...this.#header, ...counts };
  }

  /** Gives up: closes and removes what was written. Nothing happens after a `finish`. */
  abort(): void {
    this.#close();
    if (this.#fs.stat(this.#partial) !== null) this.#fs.unlink(this.#partial);
  }

  #checkEntry(key: Uint8Array, value: Uint8Array): void {
    if (key.length > limits.keyBytesMax) {
      throw new ThemisError(
        'THEMIS_KEY_TOO_LARGE',
        `A key of ${key.length} bytes cannot be stored; the limit is ${limits.keyBytesMax}.`,
      );
    }
    if (value.length > limits.valueBytesMax) {
      throw new ThemisError(
        'THEMIS_VALUE_TOO_LARGE',
        `A value of ${value.length} bytes cannot be stored; the limit is ${limits.valueBytesMax}.`,
      );
    }
    const ascends = this.#lastKey === null || compareBytes(this.#lastKey, key) < 0;
    assert(ascends, 'keys of a snapshot ascend');
  }

  /** Makes room for one entry; only an entry that fills a chunk alone needs more than there is. */
  #reserve(bytes: number): void {
    if (chunkHeaderBytes + this.#used + bytes <= this.#chunk.length) return;
    this.#chunk = new Uint8Array(chunkHeaderBytes + bytes);
    this.#view = viewOf(this.#chunk);
  }

  #flush(): void {
    const length = this.#used;
    const bytes = chunkHeaderBytes + length;
    const payload = this.#chunk.subarray(chunkHeaderBytes, bytes);
    const index = indexEntries(payload, this.#chunkEntries);
    assert(index !== null, 'a chunk holds the entries that were added');
    hashEntries(this.#kernel, payload, index, this.#hash);
    const header = { sequence: this.#chunks, entries: this.#chunkEntries, length };
    this.#chain = sealChunk(this.#kernel, this.#chunk, header, this.#chain);
    writeWhole(this.#opened(), this.#chunk, bytes, this.#position);
    this.#position += bytes;
    this.#chunks++;
    this.#entries += this.#chunkEntries;
    // The chunk's bytes are about to be written over.
    this.#lastKey = this.#lastKey?.slice() ?? null;
    this.#used = 0;
    this.#chunkEntries = 0;
  }

  #opened(): FileHandle {
    if (this.#file !== null) return this.#file;
    throw new ThemisError('THEMIS_CLOSED', `The snapshot ${this.#path} is finished or aborted.`);
  }

  #close(): void {
    const file = this.#file;
    this.#file = null;
    file?.close();
  }
}
