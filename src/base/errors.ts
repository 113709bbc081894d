/**
 * The registry of error codes: alphabetical, never reused, one line on when each is raised.
 * A code exists because a caller can react to it. Messages say what is wrong and what to do.
 *
 * `retryable` means that the same call may succeed later without anybody repairing anything.
 * `LEVEL_*` codes are abstract-level's own, kept where Level already has one.
 */
export const errorCodes = {
  LEVEL_ABORTED: { retryable: false }, // An iterator's AbortSignal fired.
  LEVEL_LOCKED: { retryable: false }, // Another process or handle has the folder open.
  THEMIS_ABORTED: { retryable: false }, // The caller's AbortSignal fired before the work was done.
  THEMIS_ASSERTION: { retryable: false }, // A defect in Themis; please report it.
  THEMIS_BATCH_TOO_LARGE: { retryable: false }, // A batch exceeds the bytes or operations of one command.
  THEMIS_BLOB_LOST: { retryable: false }, // Too few fragments of a large value are left; the message names the missing.
  THEMIS_CLOSED: { retryable: false }, // The component was closed before or during the call.
  THEMIS_CONFIG_INVALID: { retryable: false }, // An option is unknown, of the wrong type or out of range.
  THEMIS_DEADLINE_EXCEEDED: { retryable: true }, // The work did not finish in the time given.
  THEMIS_DEVICES_TOO_FEW: { retryable: true }, // Too few usable devices for a write; nothing of it was kept.
  THEMIS_DEVICE_DUPLICATE: { retryable: false }, // Two paths lead to one device, or to copies of one.
  THEMIS_DEVICE_FAILED: { retryable: false }, // A device does not work; its fragments are rebuilt elsewhere.
  THEMIS_DEVICE_FULL: { retryable: true }, // A device has no room for a fragment; deleting frees some.
  THEMIS_DISK_FULL: { retryable: true }, // No space is left; the write was refused, nothing was lost.
  THEMIS_FOLDER_FOREIGN: { retryable: false }, // The folder's files belong to another cluster or node.
  THEMIS_FOLDER_INVALID: { retryable: false }, // Not a folder, not writable, or not a Themis folder.
  THEMIS_FORMAT_NEWER: { retryable: false }, // Written by a newer Themis; upgrade to open it.
  THEMIS_INCARNATION_STALE: { retryable: false }, // The files are older than what this node already promised.
  THEMIS_IO: { retryable: false }, // A system call failed; `cause` has the system's error.
  THEMIS_KERNEL_ARGUMENT: { retryable: false }, // A range outside the buffer, or a wrong type, given to a kernel.
  THEMIS_KERNEL_UNAVAILABLE: { retryable: false }, // The kernel tier that was forced cannot run here.
  THEMIS_KEY_NOT_FOUND: { retryable: false }, // A command line asked for a key that is not there.
  THEMIS_KEY_TOO_LARGE: { retryable: false }, // A key longer than keyBytesMax.
  THEMIS_LOG_CORRUPT: { retryable: false }, // Acknowledged log records are damaged; the message names file and offset.
  THEMIS_LOG_FAILED: { retryable: false }, // A write or sync of the log failed; this process must restart.
  THEMIS_LOG_UNKNOWN: { retryable: false }, // The end of the log is damaged and may have held acknowledged records.
  THEMIS_OVERLOADED: { retryable: true }, // A bounded queue is full; retry later.
  THEMIS_PORT_UNAVAILABLE: { retryable: true }, // A port is taken, or may not be listened on.
  THEMIS_SHARDS_MISSING: { retryable: false }, // Too few shards of a stripe are left; the message names the missing.
  THEMIS_SNAPSHOT_CORRUPT: { retryable: false }, // A snapshot file failed its checks.
  THEMIS_SNAPSHOT_LIMIT: { retryable: true }, // Too many open snapshots; close one first.
  THEMIS_STATE_CORRUPT: { retryable: true }, // The applied state is damaged; it is rebuilt from snapshot and log.
  THEMIS_SUPERBLOCK_CORRUPT: { retryable: false }, // Too few copies of what this node promised are intact.
  THEMIS_TASK_FAILED: { retryable: true }, // A pool task failed or its thread died; the message names the task.
  THEMIS_USAGE: { retryable: false }, // A command line that cannot be understood.
  THEMIS_VALUE_TOO_LARGE: { retryable: false }, // A value longer than valueBytesMax.
} as const satisfies Record<string, { readonly retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** Every error that Themis raises by itself. Compare `code`, never the message. */
export class ThemisError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ThemisError';
    this.code = code;
    this.retryable = errorCodes[code].retryable;
  }
}

/** True for a ThemisError with the given code (or any code). */
export function isThemisError(error: unknown, code?: ErrorCode): error is ThemisError {
  return error instanceof ThemisError && (code === undefined || error.code === code);
}

/** The `code` of any error-like value (`EIO`, `LEVEL_LOCKED`, ...), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Text of an unknown thrown value, for messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
