/**
 * themis-engine: an embedded storage engine that loses nothing it acknowledged and serves nothing
 * corrupt. The public API, by name.
 */
export { type ErrorCode, ThemisError } from './base/index.js';
export type { ThemisOptions } from './config/index.js';
export {
  type DeviceStatus,
  type Health,
  open,
  type RecoveryReport,
  type RepairOptions,
  type StoreStatus,
  type StreamOptions,
  Themis,
  type ThemisSnapshot,
  type ValueStat,
} from './engine/index.js';
export type { RepairJob, ShardHealthReport } from './shard/index.js';
