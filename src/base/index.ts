/**
 * base: vocabulary without I/O. Errors, assertions, bytes, units.
 * Imports nothing of Themis.
 */
export { assert, must, unreachable } from './assert.js';
export { bufferOf, compareBytes, isZero, readU64, viewOf, writeU64 } from './bytes.js';
export {
  codeOf,
  type ErrorCode,
  errorCodes,
  isThemisError,
  messageOf,
  ThemisError,
} from './errors.js';
export { alignUp, GiB, KiB, MiB } from './units.js';
