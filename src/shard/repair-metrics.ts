/** What repair and scrub count. Names follow the first system's where it had them. */
import {
  type Counter,
  type Gauge,
  type Histogram,
  logLinearBounds,
  type MetricsArena,
} from '../telemetry/index.js';

/** The label `spare`: how many more fragments a document can lose. Bounded, whatever the codes. */
export const spareLabels = ['lost', '0', '1', '2', '3', 'more'] as const;
export type SpareLabel = (typeof spareLabels)[number];

export interface RepairMetrics {
  readonly scans: Counter;
  readonly documentsScanned: Counter;
  readonly attempts: Counter;
  readonly successes: Counter;
  readonly failures: Counter;
  readonly durationSeconds: Histogram;
  /** 0 healthy, 1 degraded, 2 failed, 3 rebuilding. */
  readonly health: Gauge;
  readonly degradedDocuments: Gauge;
  readonly fragmentsVerified: Counter;
  readonly fragmentsDamaged: Counter;
  readonly fragmentsRebuilt: Counter;
  readonly readBytes: Counter;
  readonly scrubAgeSeconds: Gauge;
  readonly documentsBySpare: Readonly<Record<SpareLabel, Gauge>>;
}

export function spareLabel(spare: number): SpareLabel {
  if (spare < 0) return 'lost';
  return spareLabels[spare + 1] ?? 'more';
}

/** `shardId` is the label `shard`. */
export function defineRepairMetrics(arena: MetricsArena, shardId: string): RepairMetrics {
  const counter = (name: string, help: string) => arena.counter(`themis_shard_${name}`, help);
  const shard = { shard: shardId };
  const bySpare = (spare: SpareLabel): Gauge =>
    arena.gauge(
      'themis_shard_redundancy_documents',
      'Large values that are not whole, by how many more of their fragments may be lost.',
      { ...shard, spare },
    );
  return {
    scans: counter('repair_scans_total', 'Surveys of all large values.'),
    documentsScanned: counter('repair_documents_scanned_total', 'Large values surveyed.'),
    attempts: counter('repair_attempts_total', 'Repairs of large values that were begun.'),
    successes: counter('repair_successes_total', 'Repairs after which nothing was missing.'),
    failures: counter('repair_failures_total', 'Repairs that failed and are tried again.'),
    durationSeconds: arena.histogram(
      'themis_shard_repair_duration_seconds',
      'Time to repair one large value.',
      logLinearBounds(0.001, 1000),
    ),
    health: arena.gauge(
      'themis_shard_health',
      'Health of the shard: 0 healthy, 1 degraded, 2 failed, 3 rebuilding.',
      shard,
    ),
    degradedDocuments: arena.gauge(
      'themis_shard_degraded_documents',
      'Large values that lack a fragment.',
      shard,
    ),
    fragmentsVerified: counter('fragments_verified_total', 'Fragments that the scrub found sound.'),
    fragmentsDamaged: counter('fragments_damaged_total', 'Fragments that were found damaged.'),
    fragmentsRebuilt: counter('fragments_rebuilt_total', 'Fragments that were made anew.'),
    readBytes: counter('repair_read_bytes_total', 'Bytes read from devices to repair.'),
    scrubAgeSeconds: arena.gauge(
      'themis_shard_scrub_age_seconds',
      'Time since the last whole pass of the scrub began.',
      shard,
    ),
    documentsBySpare: {
      lost: bySpare('lost'),
      '0': bySpare('0'),
      '1': bySpare('1'),
      '2': bySpare('2'),
      '3': bySpare('3'),
      more: bySpare('more'),
    },
  };
}
