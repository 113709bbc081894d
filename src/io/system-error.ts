/**
 * Errors in the shape of the operating system's, for the cases where Themis itself refuses what
 * a system call would have refused, and for the memory twin and the fault injector.
 */

/** The error codes that the file-system port is known to throw. */
export type SystemErrorCode =
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EINVAL'
  | 'EIO'
  | 'EISDIR'
  | 'EMFILE'
  | 'ENOENT'
  | 'ENOSPC'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'EROFS';

const explanations: Readonly<Record<SystemErrorCode, string>> = {
  EBADF: 'bad file descriptor',
  EBUSY: 'resource busy or locked',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  EMFILE: 'too many open files',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EROFS: 'read-only file system',
};

/** Looks like the error of a failed system call: `code`, `syscall`, `path`. */
export class SystemError extends Error {
  readonly code: SystemErrorCode;
  readonly syscall: string;
  readonly path: string;
  /** True when a test's fault injector made the error, not a file system. */
  readonly injected: boolean;

  constructor(code: SystemErrorCode, syscall: string, path: string, injected = false) {
    super(`${code}: ${explanations[code]}, ${syscall} '${path}'${injected ? ' (injected)' : ''}`);
    this.name = 'SystemError';
    this.code = code;
    this.syscall = syscall;
    this.path = path;
    this.injected = injected;
  }
}

/** True for an error that a fault injector made. */
export function isInjected(error: unknown): boolean {
  return error instanceof SystemError && error.injected;
}
