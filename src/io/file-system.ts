/**
 * Files at the level of system calls, synchronous: they run in threads that exist to wait for
 * disks, or in the simulator, never on the main event loop while requests are served.
 *
 * Paths are absolute. Every method throws the system's error with its `code` (`EIO`, `ENOSPC`,
 * `ENOENT`, ...). Nothing is durable before the matching sync: file contents and length need
 * `sync` (or a file opened with `sync: 'dsync' | 'direct'`), and names (create, rename, unlink)
 * need `syncDirectory` of the folder that holds them.
 */
export interface FileSystem {
  open(path: string, options: OpenOptions): FileHandle;
  /** Names in a folder, sorted, without `.` and `..`. */
  list(path: string): string[];
  stat(path: string): FileStat | null;
  /** EEXIST when the name is taken, ENOENT when the parent is missing. */
  makeDirectory(path: string): void;
  /** Replaces a file in one step. Between folders, durable by the sync of the new one. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes a folder and everything below it; nothing happens when it is absent. */
  removeTree(path: string): void;
  syncDirectory(path: string): void;
  /** Of the file system that holds `path`. */
  space(path: string): Space;
}

export interface Space {
  /** Free for this process. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** The same for all paths on one file system (st_dev); says nothing after a restart. */
  readonly fileSystemId: string;
}

export interface OpenOptions {
  readonly access: 'read' | 'read-write';
  /** Creates the file, EEXIST when it exists; the default is ENOENT when it does not. */
  readonly create?: boolean;
  /**
   * `none`: writes reach the cache. `dsync`: every write returns durable (O_DSYNC).
   * `direct`: O_DIRECT and O_DSYNC; buffer address, offset and length must be multiples of 4 KiB.
   * Throws EINVAL where the file system does not know it. Default `none`.
   */
  readonly sync?: 'none' | 'dsync' | 'direct';
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other';
  readonly bytes: number;
}

export interface FileHandle {
  /** Reads up to `length` bytes; returns how many, 0 at the end of the file. May be short. */
  read(target: Uint8Array, targetOffset: number, length: number, position: number): number;
  /** Writes up to `length` bytes; returns how many. May be short: callers loop. */
  write(source: Uint8Array, sourceOffset: number, length: number, position: number): number;
  /** Reads to the targets in order, one call of the system (preadv). May be short. */
  readVector(targets: readonly Uint8Array[], position: number): number;
  /** Writes the sources one behind the other, one call of the system (pwritev). May be short. */
  writeVector(sources: readonly Uint8Array[], position: number): number;
  /** fdatasync: contents and length are durable when it returns. */
  sync(): void;
  truncate(length: number): void;
  size(): number;
  /** False when the path that it was opened by is gone, or leads to another file by now. */
  isNamed(): boolean;
  close(): void;
}
