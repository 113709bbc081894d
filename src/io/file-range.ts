/** Checks of the arguments of file calls, the same in both twins. */
import { SystemError } from './system-error.js';

/** Throws EINVAL unless `length` bytes fit the buffer and the position is one of a file. */
export function checkRange(
  syscall: 'read' | 'write',
  path: string,
  buffer: Uint8Array,
  bufferOffset: number,
  length: number,
  position: number,
): void {
  const whole =
    Number.isSafeInteger(bufferOffset) &&
    Number.isSafeInteger(length) &&
    Number.isSafeInteger(position);
  const inside = bufferOffset >= 0 && length >= 0 && bufferOffset + length <= buffer.length;
  if (!whole || !inside || position < 0) {
    throw new SystemError('EINVAL', syscall, path);
  }
}

/** Throws EINVAL unless the position is one of a file. */
export function checkPosition(syscall: 'read' | 'write', path: string, position: number): void {
  if (!Number.isSafeInteger(position) || position < 0) {
    throw new SystemError('EINVAL', syscall, path);
  }
}

/** Throws EINVAL unless a file can be that long. */
export function checkLength(path: string, length: number): void {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new SystemError('EINVAL', 'ftruncate', path);
  }
}
