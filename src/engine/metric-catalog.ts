/**
 * Every metric of the embedded engine: name, unit, help and buckets, defined once at start.
 *
 * Names are `themis_<subsystem>_<what>_<unit>[_total]` in base units (seconds, bytes). What other
 * threads count they find by name in their lane (telemetry's attachLane): themis_log_* with
 * instruments in lane `log`, themis_state_* in lane `state`.
 */
import { codeOf, errorCodes } from '../base/index.js';
import { defineRepairMetrics, type RepairMetrics, shardId } from '../shard/index.js';
import {
  type Counter,
  type Gauge,
  type Histogram,
  logLinearBounds,
  type MetricsArena,
} from '../telemetry/index.js';

/** What a caller can ask the engine for; the label `operation`. */
export const operationKinds = [
  'put',
  'delete',
  'batch',
  'clear',
  'get',
  'get_many',
  'scan',
  'snapshot',
] as const;

export type OperationKind = (typeof operationKinds)[number];

export interface EngineMetrics {
  /** From the start of a batch's write until it is durable. */
  readonly logSyncSeconds: Histogram;
  readonly logBatchBytes: Histogram;
  readonly logBatchRecords: Histogram;
  readonly ringUsedBytes: Gauge;
  readonly pendingOperations: Gauge;
  readonly applyLagOperations: Gauge;
  readonly appliedBatches: Counter;
  readonly computeQueued: Gauge;
  readonly operations: Readonly<Record<OperationKind, Counter>>;
  readonly recoverySeconds: Gauge;
  readonly recoveryRecords: Gauge;
  readonly recoveryCutBytes: Gauge;
  readonly snapshotsTaken: Counter;
  readonly stateRebuilds: Counter;
  readonly checksumFailures: Counter;
  readonly repair: RepairMetrics;
  /** Counts an error by its code; a code that Themis does not have counts as `other`. */
  countError(code: string): void;
  /** Counts what an operation failed with; a damaged record of the state also as such. */
  countFailure(error: unknown): void;
}

/** Syncs take from a few microseconds (a disk with a battery) to seconds (a failing one). */
const syncSeconds = logLinearBounds(0.00001, 10);
const batchBytes = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 32768].map(
  (kibibytes) => kibibytes * 1024,
);
const batchRecords = Array.from({ length: 14 }, (_, power) => 2 ** power);

export function defineMetrics(arena: MetricsArena): EngineMetrics {
  const gauge = (name: string, help: string): Gauge => arena.gauge(name, help);
  const counter = (name: string, help: string): Counter => arena.counter(name, help);
  return {
    logSyncSeconds: arena.histogram(
      'themis_log_sync_seconds',
      'Time to write one batch of the log and make it durable.',
      syncSeconds,
    ),
    logBatchBytes: arena.histogram(
      'themis_log_batch_bytes',
      'Size of the batches written to the log.',
      batchBytes,
    ),
    logBatchRecords: arena.histogram(
      'themis_log_batch_records',
      'Records in the batches written to the log.',
      batchRecords,
    ),
    ringUsedBytes: gauge(
      'themis_log_ring_used_bytes',
      'Room of the ring between the threads that is in use.',
    ),
    pendingOperations: gauge(
      'themis_engine_pending_operations',
      'Operations accepted and not yet applied to the state.',
    ),
    applyLagOperations: gauge(
      'themis_state_apply_lag_operations',
      'Operations acknowledged and not yet applied to LevelDB.',
    ),
    appliedBatches: counter(
      'themis_state_applied_batches_total',
      'Atomic batches applied to LevelDB.',
    ),
    computeQueued: gauge('themis_compute_queued_tasks', 'Tasks that wait for a compute thread.'),
    operations: defineOperations(arena),
    recoverySeconds: gauge('themis_recovery_duration_seconds', 'Time the last recovery took.'),
    recoveryRecords: gauge('themis_recovery_records', 'Log records read by the last recovery.'),
    recoveryCutBytes: gauge(
      'themis_recovery_cut_bytes',
      'Bytes of a torn tail that the last recovery cut and kept aside.',
    ),
    snapshotsTaken: counter('themis_snapshot_taken_total', 'Snapshots of the state written.'),
    stateRebuilds: counter(
      'themis_state_rebuilds_total',
      'Times the applied state was rebuilt from snapshot and log.',
    ),
    repair: defineRepairMetrics(arena, shardId),
    ...defineFailures(arena),
  };
}

function defineFailures(
  arena: MetricsArena,
): Pick<EngineMetrics, 'checksumFailures' | 'countError' | 'countFailure'> {
  const checksumFailures = arena.counter(
    'themis_state_checksum_failures_total',
    'Reads of the applied state whose checksum did not match.',
  );
  const countError = defineErrors(arena);
  const countFailure = (error: unknown): void => {
    const code = codeOf(error) ?? 'other';
    countError(code);
    if (code === 'THEMIS_STATE_CORRUPT') checksumFailures.inc();
  };
  return { checksumFailures, countError, countFailure };
}

function defineOperations(arena: MetricsArena): Record<OperationKind, Counter> {
  const define = (operation: OperationKind): Counter =>
    arena.counter('themis_engine_operations_total', 'Operations asked for, by kind.', {
      operation,
    });
  return {
    put: define('put'),
    delete: define('delete'),
    batch: define('batch'),
    clear: define('clear'),
    get: define('get'),
    get_many: define('get_many'),
    scan: define('scan'),
    snapshot: define('snapshot'),
  };
}

function defineErrors(arena: MetricsArena): (code: string) => void {
  const define = (code: string): Counter =>
    arena.counter('themis_engine_errors_total', 'Operations that failed, by code.', { code });
  const known = new Map(Object.keys(errorCodes).map((code) => [code, define(code)] as const));
  const other = define('other');
  return (code) => (known.get(code) ?? other).inc();
}
