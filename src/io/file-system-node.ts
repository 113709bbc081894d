/**
 * The file system of the machine, by node:fs's synchronous calls.
 *
 * Buffers may be views over shared memory. `direct` needs a buffer whose address is a multiple
 * of 4 KiB: memory of WebAssembly.Memory is (see aligned-bytes.ts), a plain array is not.
 */
import * as fs from 'node:fs';
import { codeOf } from '../base/index.js';
import { checkLength, checkPosition, checkRange } from './file-range.js';
import type { FileHandle, FileStat, FileSystem, OpenOptions, Space } from './file-system.js';
import { SystemError } from './system-error.js';

/** Permissions of new files and folders: the owner's alone, because they hold user data. */
const fileMode = 0o600;
const directoryMode = 0o700;

export function nodeFileSystem(): FileSystem {
  return {
    open,
    list: (path) => fs.readdirSync(path).sort(),
    stat,
    makeDirectory: (path) => {
      fs.mkdirSync(path, { mode: directoryMode });
    },
    rename: (from, to) => fs.renameSync(from, to),
    unlink: (path) => fs.unlinkSync(path),
    removeTree: (path) => fs.rmSync(path, { recursive: true, force: true }),
    syncDirectory,
    space,
  };
}

function open(path: string, options: OpenOptions): FileHandle {
  return new NodeFileHandle(fs.openSync(path, openFlags(path, options), fileMode), path);
}

function openFlags(path: string, options: OpenOptions): number {
  const { O_CREAT, O_DIRECT, O_DSYNC, O_EXCL, O_RDONLY, O_RDWR, O_SYNC } = fs.constants;
  let flags = options.access === 'read' ? O_RDONLY : O_RDWR;
  if (options.create === true) flags |= O_CREAT | O_EXCL;
  const durable: number | undefined = O_DSYNC ?? O_SYNC;
  switch (options.sync ?? 'none') {
    case 'none':
      return flags;
    case 'dsync':
      if (durable === undefined) throw new SystemError('EINVAL', 'open', path);
      return flags | durable;
    case 'direct': {
      // Types say that these are always there; platforms without them leave them undefined.
      const direct: number | undefined = O_DIRECT;
      if (durable === undefined || direct === undefined) {
        throw new SystemError('EINVAL', 'open', path);
      }
      return flags | direct | durable;
    }
  }
}

function stat(path: string): FileStat | null {
  let found: fs.Stats;
  try {
    found = fs.statSync(path);
  } catch (error) {
    // Not `throwIfNoEntry`: from Node 22 on it hides ENOTDIR as well.
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
  return { kind, bytes: kind === 'file' ? found.size : 0 };
}

function syncDirectory(path: string): void {
  const flags = fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0);
  const descriptor = fs.openSync(path, flags);
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function space(path: string): Space {
  const { bavail, blocks, bsize } = fs.statfsSync(path);
  const fileSystemId = String(fs.statSync(path, { bigint: true }).dev);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, fileSystemId };
}

/**
 * Invariant: after close() the descriptor is never used again, because the system may have given
 * its number to another file.
 */
class NodeFileHandle implements FileHandle {
  readonly #path: string;
  #state: { readonly kind: 'open'; readonly descriptor: number } | { readonly kind: 'closed' };

  constructor(descriptor: number, path: string) {
    this.#path = path;
    this.#state = { kind: 'open', descriptor };
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    checkRange('read', this.#path, target, targetOffset, length, position);
    return fs.readSync(this.#descriptor('read'), target, targetOffset, length, position);
  }

  write(source: Uint8Array, sourceOffset: number, length: number, position: number): number {
    checkRange('write', this.#path, source, sourceOffset, length, position);
    return fs.writeSync(this.#descriptor('write'), source, sourceOffset, length, position);
  }

  readVector(targets: readonly Uint8Array[], position: number): number {
    checkPosition('read', this.#path, position);
    return fs.readvSync(this.#descriptor('read'), targets, position);
  }

  writeVector(sources: readonly Uint8Array[], position: number): number {
    checkPosition('write', this.#path, position);
    return fs.writevSync(this.#descriptor('write'), sources, position);
  }

  sync(): void {
    fs.fdatasyncSync(this.#descriptor('fdatasync'));
  }

  truncate(length: number): void {
    checkLength(this.#path, length);
    fs.ftruncateSync(this.#descriptor('ftruncate'), length);
  }

  size(): number {
    return fs.fstatSync(this.#descriptor('fstat')).size;
  }

  isNamed(): boolean {
    const own = fs.fstatSync(this.#descriptor('fstat'), { bigint: true });
    const named = fs.statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    return named !== undefined && named.dev === own.dev && named.ino === own.ino;
  }

  close(): void {
    const descriptor = this.#descriptor('close');
    this.#state = { kind: 'closed' };
    fs.closeSync(descriptor);
  }

  #descriptor(syscall: string): number {
    if (this.#state.kind === 'closed') throw new SystemError('EBADF', syscall, this.#path);
    return this.#state.descriptor;
  }
}
