/**
 * What an error of a device task says about the device, as a table.
 *
 *   full        no space: reads and other devices go on, deleting frees some
 *   read-only   writes are refused; what is there can be read
 *   vanished    the folder or its file system is gone, and may come back
 *   broken      the disk said no; it is not asked again, since pages after a failed sync are lost
 *   transient   not the device's: too many open files, a thread that died
 */
import { codeOf, isThemisError, messageOf, ThemisError } from '../base/index.js';

export type FaultKind = 'full' | 'read-only' | 'vanished' | 'broken' | 'transient';

export interface DeviceFault {
  readonly kind: FaultKind;
  readonly why: string;
  readonly cause: unknown;
}

const kinds: Readonly<Record<string, FaultKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ENODEV: 'vanished',
  ENXIO: 'vanished',
  ESTALE: 'vanished',
  ENOTCONN: 'vanished',
  EMFILE: 'transient',
  ENFILE: 'transient',
  ENOMEM: 'transient',
  THEMIS_CLOSED: 'transient',
  THEMIS_OVERLOADED: 'transient',
  THEMIS_TASK_FAILED: 'transient',
};

/** An error that crossed a thread border has the system's code in its cause. */
export function faultOf(error: unknown): DeviceFault {
  const own = codeOf(error);
  const inner = isThemisError(error) ? codeOf(error.cause) : undefined;
  const code = own === 'THEMIS_TASK_FAILED' && inner !== undefined ? inner : own;
  const kind = code === undefined ? 'broken' : (kinds[code] ?? 'broken');
  // A thread that died has no code of a system; its error has no cause with one either.
  return { kind, why: messageOf(error), cause: error };
}

/** What the caller of an append is told. */
export function faultError(path: string, fault: DeviceFault): ThemisError {
  switch (fault.kind) {
    case 'full':
      return new ThemisError(
        'THEMIS_DEVICE_FULL',
        `Device ${path} has no room (${fault.why}); delete values, or add a device.`,
        fault.cause,
      );
    case 'transient':
      return new ThemisError(
        'THEMIS_TASK_FAILED',
        `A write to device ${path} was not finished (${fault.why}); try again.`,
        fault.cause,
      );
    case 'read-only':
    case 'vanished':
    case 'broken':
      return new ThemisError(
        'THEMIS_DEVICE_FAILED',
        `Device ${path} cannot be written (${fault.why}); check the drive, or replace it.`,
        fault.cause,
      );
  }
}
