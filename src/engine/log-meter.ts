/** What the log counts in its own lane of the metrics. */
import type { MetricsLane } from '../telemetry/index.js';
import type { LogMeter } from '../wal/index.js';

export function logMeter(lane: MetricsLane): LogMeter {
  const seconds = lane.histogram('themis_log_sync_seconds');
  const bytes = lane.histogram('themis_log_batch_bytes');
  const records = lane.histogram('themis_log_batch_records');
  return {
    batch: (batchRecords, batchBytes, writeMs) => {
      seconds.observe(writeMs / 1000);
      bytes.observe(batchBytes);
      records.observe(batchRecords);
    },
  };
}
