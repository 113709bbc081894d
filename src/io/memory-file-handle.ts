/** An open file of the memory file system. */

import { checkLength, checkPosition, checkRange } from './file-range.js';
import type { FileHandle, OpenOptions } from './file-system.js';
import type { MemoryFile } from './memory-file.js';
import { pageBytes } from './sparse-image.js';
import { SystemError } from './system-error.js';

/** What a handle needs of its file system: room, and names. */
export interface SpaceAccount {
  /** The part of a wished length that there is room for. */
  fit(file: MemoryFile, length: number): number;
  /** Takes or gives back the room between two lengths of a file. */
  resized(fromLength: number, toLength: number): void;
  /** True when the path leads to this file. */
  names(path: string, file: MemoryFile): boolean;
}

/** Invariant: it counts as an open handle of its file from construction to close(). */
export class MemoryFileHandle implements FileHandle {
  readonly #account: SpaceAccount;
  readonly #file: MemoryFile;
  readonly #path: string;
  readonly #options: OpenOptions;
  #open = true;

  constructor(account: SpaceAccount, file: MemoryFile, path: string, options: OpenOptions) {
    this.#account = account;
    this.#file = file;
    this.#path = path;
    this.#options = options;
    file.openHandles += 1;
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    checkRange('read', this.#path, target, targetOffset, length, position);
    this.#checkOpen('read');
    this.#checkAligned('read', target, targetOffset, length, position);
    return this.#file.read(target, targetOffset, length, position);
  }

  write(source: Uint8Array, sourceOffset: number, length: number, position: number): number {
    checkRange('write', this.#path, source, sourceOffset, length, position);
    this.#checkOpen('write');
    if (this.#options.access === 'read') throw new SystemError('EBADF', 'write', this.#path);
    this.#checkAligned('write', source, sourceOffset, length, position);
    if (length === 0) return 0;
    const written = this.#account.fit(this.#file, position + length) - position;
    if (written <= 0) throw new SystemError('ENOSPC', 'write', this.#path);
    const bytes = source.subarray(sourceOffset, sourceOffset + written);
    const lengthBefore = this.#file.length;
    if ((this.#options.sync ?? 'none') === 'none') this.#file.write(bytes, position);
    else this.#file.writeDurable(bytes, position);
    this.#account.resized(lengthBefore, this.#file.length);
    return written;
  }

  readVector(targets: readonly Uint8Array[], position: number): number {
    checkPosition('read', this.#path, position);
    this.#checkOpen('read');
    let at = position;
    for (const target of targets) this.#checkAligned('read', target, 0, target.length, position);
    for (const target of targets) {
      const count = this.#file.read(target, 0, target.length, at);
      at += count;
      if (count < target.length) break;
    }
    return at - position;
  }

  writeVector(sources: readonly Uint8Array[], position: number): number {
    checkPosition('write', this.#path, position);
    this.#checkOpen('write');
    if (this.#options.access === 'read') throw new SystemError('EBADF', 'write', this.#path);
    for (const source of sources) this.#checkAligned('write', source, 0, source.length, position);
    return this.write(joined(sources), 0, lengthOf(sources), position);
  }

  sync(): void {
    this.#checkOpen('fdatasync');
    this.#file.sync();
  }

  truncate(length: number): void {
    checkLength(this.#path, length);
    this.#checkOpen('ftruncate');
    if (this.#options.access === 'read') throw new SystemError('EINVAL', 'ftruncate', this.#path);
    if (this.#account.fit(this.#file, length) < length) {
      throw new SystemError('ENOSPC', 'ftruncate', this.#path);
    }
    const lengthBefore = this.#file.length;
    this.#file.resize(length);
    this.#account.resized(lengthBefore, length);
  }

  size(): number {
    this.#checkOpen('fstat');
    return this.#file.length;
  }

  isNamed(): boolean {
    this.#checkOpen('fstat');
    return this.#account.names(this.#path, this.#file);
  }

  close(): void {
    this.#checkOpen('close');
    this.#open = false;
    this.#file.openHandles -= 1;
    if (!this.#file.linked && this.#file.openHandles === 0) {
      this.#account.resized(this.#file.length, 0);
    }
  }

  /** For fault injection: see MemoryFile.loseUnsynced. */
  loseUnsynced(): void {
    this.#file.loseUnsynced();
  }

  #checkOpen(syscall: string): void {
    if (!this.#open) throw new SystemError('EBADF', syscall, this.#path);
  }

  /** The address of a buffer is not known here; its offset stands for it (see alignedBytes). */
  #checkAligned(
    syscall: string,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): void {
    if (this.#options.sync !== 'direct') return;
    for (const value of [buffer.byteOffset + offset, length, position]) {
      if (value % pageBytes !== 0) throw new SystemError('EINVAL', syscall, this.#path);
    }
  }
}

/** The sources as one, at an address that counts as aligned. */
function joined(sources: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lengthOf(sources));
  let at = 0;
  for (const source of sources) {
    bytes.set(source, at);
    at += source.length;
  }
  return bytes;
}

function lengthOf(vector: readonly Uint8Array[]): number {
  return vector.reduce((sum, part) => sum + part.length, 0);
}
