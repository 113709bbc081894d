/**
 * A file that a value is written to: aside at first, synced, and then renamed, so that nobody ever
 * finds half of it under its name. Devices and pipes are written as they are.
 */
import { dirname } from 'node:path';
import { ThemisError } from '../../../base/index.js';
import { type FileHandle, type FileSystem, writeWhole } from '../../../io/index.js';

export interface TargetFile {
  write(bytes: Uint8Array): void;
  /** All bytes came: the file gets its name. */
  finish(): void;
  /** Without `finish` before it: nothing stays. */
  close(): void;
}

/** Throws THEMIS_USAGE for a path that can be no file, and the system's errors. */
export function openTarget(fileSystem: FileSystem, path: string): TargetFile {
  const kind = fileSystem.stat(path)?.kind ?? null;
  if (kind === 'directory') {
    throw new ThemisError('THEMIS_USAGE', `${path} is a folder; name a file in it`);
  }
  if (fileSystem.stat(dirname(path))?.kind !== 'directory') {
    throw new ThemisError('THEMIS_USAGE', `the folder of ${path} does not exist; create it`);
  }
  if (kind === 'other') return plainTarget(fileSystem.open(path, { access: 'read-write' }));
  return asideTarget(fileSystem, path);
}

function plainTarget(handle: FileHandle): TargetFile {
  const write = appender(handle);
  return { write, finish: () => undefined, close: () => handle.close() };
}

function asideTarget(fileSystem: FileSystem, path: string): TargetFile {
  const aside = `${path}.${process.pid}.partial`;
  if (fileSystem.stat(aside) !== null) fileSystem.unlink(aside);
  const handle = fileSystem.open(aside, { access: 'read-write', create: true });
  const write = appender(handle);
  let isFinished = false;
  return {
    write,
    finish() {
      handle.sync();
      fileSystem.rename(aside, path);
      isFinished = true;
      fileSystem.syncDirectory(dirname(path));
    },
    close() {
      handle.close();
      if (!isFinished) fileSystem.unlink(aside);
    },
  };
}

function appender(handle: FileHandle): (bytes: Uint8Array) => void {
  let position = 0;
  return (bytes) => {
    writeWhole(handle, bytes, bytes.length, position);
    position += bytes.length;
  };
}
