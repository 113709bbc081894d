/**
 * shard: what one replica of a shard keeps on its devices.
 *
 *   writing   blob-store -> blob-writes -> blob-writer -> stripe-encoder, stripe-write
 *   reading   blob-store -> blob-reader (or sync-reader) -> piece-plan, read-judge
 *   repairing shard-repair-engine -> catalog-survey, scrub, repair-queue -> blob-repair, hot-spare
 *   threads   blob-tasks -> encode-stripes, read-pieces
 *
 * Invariants:
 * - A value is acknowledged only when data + spare fragments of every stripe are durable; of one
 *   that is not, nothing stays.
 * - Every byte that is handed out was verified, or computed from verified bytes; digests come from
 *   the manifest, never from the fragment alone.
 * - The main loop copies a value once into a slab and once out of one, and never waits for a disk
 *   or for arithmetic (readSync excepted). Messages to threads are one for many stripes.
 * - Memory is bounded by two slabs, by a few stripes for each stream, and by what callers hold.
 *
 * May import: base, config, io, telemetry, kernel, pool, device, metadata.
 */
export type { BlobDevices } from './blob-ports.js';
export {
  BlobStore,
  type BlobStoreListener,
  type BlobStoreParts,
  type ByteRange,
} from './blob-store.js';
export {
  type BlobCompute,
  type BlobMessage,
  type BlobTask,
  type BlobTasks,
  inlineCompute,
  isBlobMessage,
  type KernelNames,
  runBlobTask,
  runBlobTaskOn,
} from './blob-tasks.js';
export type { BlobWriteStream } from './blob-write-stream.js';
export type { BlobDraft } from './blob-writer.js';
export type { SpareState, SpareStatus } from './hot-spare.js';
export { decodeManifest, encodeManifest, type Manifest } from './manifest.js';
export type { FragmentDamage } from './read-judge.js';
export {
  type Code,
  codeOfRedundancy,
  type DurableCode,
  durableCode,
  type Redundancy,
  type RedundancyRule,
  RedundancyRules,
} from './redundancy.js';
export { defaultRepairConfig, type RepairConfig } from './repair-config.js';
export type { RepairJob } from './repair-jobs.js';
export { defineRepairMetrics, type RepairMetrics } from './repair-metrics.js';
export type { RepairTotals } from './repair-tally.js';
export {
  healthReportJson,
  type ShardHealthReport,
  type ShardStatus,
} from './shard-health-report.js';
export {
  ShardRepairEngine,
  type ShardRepairParts,
  shardId,
} from './shard-repair-engine.js';
export { stripeCount } from './stripe-layout.js';
export { type TaskParts, TaskSetting } from './task-setting.js';
