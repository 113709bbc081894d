/** How the repair engine works; the names and defaults are those of the first system. */
import { limits } from '../config/index.js';

export interface RepairConfig {
  /** Between two surveys of everything, in milliseconds. */
  readonly scanIntervalMs: number;
  /** How often it looks for parked repairs whose time has come, in milliseconds. */
  readonly repairPollIntervalMs: number;
  /** Blobs that are repaired at once. */
  readonly maxConcurrentRepairs: number;
  /** Blobs that are surveyed in one step. */
  readonly repairBatchSize: number;
  /** False: only jobs that somebody asks for repair. */
  readonly enableAutoRepair: boolean;
  /** False: no surveys but at the start, after changes of devices, and those that are asked for. */
  readonly enablePeriodicScan: boolean;
}

export const defaultRepairConfig: RepairConfig = {
  scanIntervalMs: limits.surveyIntervalMs,
  repairPollIntervalMs: limits.repairPollMs,
  maxConcurrentRepairs: limits.concurrentRepairsMax,
  repairBatchSize: limits.surveyBatch,
  enableAutoRepair: true,
  enablePeriodicScan: true,
};
