/**
 * Finds the fragments of a volume without its index.
 *
 * From one fragment the scan goes on behind it. Where no sound header of this volume lies, it looks
 * at every following block until there is one: so a damaged header costs its own fragment, and
 * bytes that a recycled file held before cost time. Data is not looked at.
 */
import { bufferOf, codeOf, ThemisError, viewOf } from '../base/index.js';
import { limits } from '../config/index.js';
import { type FileHandle, readWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  decodeFragment,
  type FragmentHeader,
  fragmentFootprint,
  looksLikeFragment,
} from './fragment.js';
import { FragmentList } from './fragment-list.js';
import type { Scratch } from './scratch.js';
import { volumeDataOffset } from './volume.js';

/** Bytes that are read at once. */
const windowBytes = 4 << 20;

/** Reading a shorter fragment takes less time than going on behind it. */
const longBytes = 1 << 20;

export interface ScannedVolume {
  readonly rows: Uint32Array;
  /** Behind the last fragment. */
  readonly end: number;
}

export interface ScanOptions {
  readonly handle: FileHandle;
  readonly kernel: Kernel;
  readonly clusterId: Uint8Array;
  /** From the name of the file. */
  readonly number: number;
  /** Memory for what is read. */
  readonly scratch: Scratch;
}

/**
 * Throws THEMIS_FORMAT_NEWER at a fragment that a later version wrote, and the system's errors. A
 * block that cannot be read (EIO) is as good as a damaged one.
 */
export function scanVolume(options: ScanOptions): ScannedVolume {
  const { handle } = options;
  const size = handle.size();
  const list = new FragmentList();
  const window = new Window(handle, options.scratch.take(windowBytes));
  let end = volumeDataOffset;
  // A block at a time while long fragments lead from one to the next; else all that is there.
  let ahead: number = limits.blockBytes;
  for (let at = volumeDataOffset; at + limits.blockBytes <= size; ) {
    const start = window.offsetOf(at, ahead);
    const header = start < 0 ? null : headerAt(window.bytes, start, options);
    const behind = header === null ? size + 1 : at + fragmentFootprint(header.bytes);
    if (header === null || behind > size) {
      at += limits.blockBytes;
      ahead = windowBytes;
      continue;
    }
    list.push({ ...header, offset: at });
    ahead = behind - at < longBytes ? windowBytes : limits.blockBytes;
    at = behind;
    end = behind;
  }
  return { rows: list.rows(), end };
}

/** The sound header of a fragment of this volume at `start`, or null. */
export function headerAt(
  bytes: Uint8Array,
  start: number,
  options: Pick<ScanOptions, 'kernel' | 'clusterId' | 'number'>,
): FragmentHeader | null {
  if (!looksLikeFragment(viewOf(bytes), start)) return null;
  const decoded = decodeFragment(options.kernel, bytes, start);
  if (decoded.kind === 'newer') {
    const message = `Volume ${options.number} has fragments of format ${decoded.version}; open it with a newer Themis.`;
    throw new ThemisError('THEMIS_FORMAT_NEWER', message);
  }
  if (decoded.kind === 'bad' || decoded.header.volume !== options.number) return null;
  const { header } = decoded;
  return bufferOf(header.clusterId).equals(options.clusterId) ? header : null;
}

/** The part of the file that was read last. */
class Window {
  readonly bytes: Uint8Array;
  readonly #handle: FileHandle;
  #position = 0;
  #length = 0;

  constructor(handle: FileHandle, bytes: Uint8Array) {
    this.#handle = handle;
    this.bytes = bytes;
  }

  /** Where the block at `position` lies in `bytes`; -1 when it cannot be read. */
  offsetOf(position: number, ahead: number): number {
    const offset = position - this.#position;
    if (offset >= 0 && offset + limits.blockBytes <= this.#length) return offset;
    this.#position = position;
    this.#length = this.#read(position, ahead);
    if (this.#length < limits.blockBytes) this.#length = this.#read(position, limits.blockBytes);
    return this.#length < limits.blockBytes ? -1 : 0;
  }

  #read(position: number, length: number): number {
    try {
      return readWhole(this.#handle, this.bytes, length, position);
    } catch (error) {
      if (codeOf(error) === 'EIO') return 0;
      throw error;
    }
  }
}
