/**
 * How a shard is, by rules that cannot take what is missing for well:
 *
 *   a document lost more than its redundancy          FAILED
 *   repairs are under way or about to begin           REBUILDING
 *   a document lacks something, a device of the set
 *     is failed or degraded, or nothing was surveyed  DEGRADED
 *   everything was surveyed and is where it belongs   HEALTHY
 *
 * A document is a large value here. A catalog that is known to be empty is surveyed when it was
 * looked at; one that could not be read is not.
 */
export type ShardStatus = 'HEALTHY' | 'DEGRADED' | 'FAILED' | 'REBUILDING';

export interface ShardHealthReport {
  readonly shardId: string;
  readonly status: ShardStatus;
  readonly documentsScanned: number;
  readonly documentsHealthy: number;
  readonly documentsDegraded: number;
  readonly documentsUnrecoverable: number;
  /** Wall clock in milliseconds, of the last survey and of the last repair; null for never. */
  readonly lastScan: number | null;
  readonly lastRepair: number | null;
  readonly lastError: string | null;
}

/** The report under the names that dashboards of the first system know. */
export function healthReportJson(report: ShardHealthReport): Readonly<Record<string, unknown>> {
  return {
    shard_id: report.shardId,
    status: report.status,
    documents_scanned: report.documentsScanned,
    documents_healthy: report.documentsHealthy,
    documents_degraded: report.documentsDegraded,
    documents_unrecoverable: report.documentsUnrecoverable,
    last_scan: report.lastScan,
    last_repair: report.lastRepair,
    last_error: report.lastError,
  };
}

/** What the rules look at. */
export interface ShardFacts {
  /** A survey went through the whole catalog. */
  readonly isSurveyed: boolean;
  readonly degraded: number;
  readonly unrecoverable: number;
  /** Repairs that run or could run now. */
  readonly isRepairing: boolean;
  /** Devices of the set, spares left out, that are failed or degraded, and that are rebuilding. */
  readonly devicesUnwell: number;
  readonly devicesRebuilding: number;
}

export function statusOf(facts: ShardFacts): ShardStatus {
  if (facts.unrecoverable > 0) return 'FAILED';
  if (facts.isRepairing || facts.devicesRebuilding > 0) return 'REBUILDING';
  const isWhole = facts.isSurveyed && facts.degraded === 0 && facts.devicesUnwell === 0;
  return isWhole ? 'HEALTHY' : 'DEGRADED';
}

/** For the gauge themis_shard_health. */
export const statusCodes: Readonly<Record<ShardStatus, number>> = {
  HEALTHY: 0,
  DEGRADED: 1,
  FAILED: 2,
  REBUILDING: 3,
};
