/**
 * themis-engine: an embedded storage engine that loses nothing it acknowledged and serves nothing
 * corrupt. The public API, by name.
 */
export { type ErrorCode, ThemisError } from './base/index.js';
export type { ThemisOptions } from './config/index.js';
export {
  type Health,
  open,
  type RecoveryReport,
  type StoreStatus,
  Themis,
  type ThemisSnapshot,
} from './engine/index.js';
