/** What the store tells about itself: for people, the command line and tests. */
import type { ShardHealthReport } from '../shard/index.js';

export interface RecoveryReport {
  /** Milliseconds from the start of open until the store could serve. */
  readonly durationMs: number;
  /** Records and bytes of the log that were read and checked. */
  readonly logRecords: number;
  readonly logBytes: number;
  /** Records that had to be applied to the state again. */
  readonly replayedRecords: number;
  /** A torn write at the end of the log that was never acknowledged, cut and kept aside. */
  readonly tornTail: {
    readonly file: string;
    readonly bytes: number;
    readonly aside: string;
  } | null;
  /** Damaged ranges of the log that were proved unneeded, or whose loss was accepted. */
  readonly damages: readonly string[];
  /** Why the state was rebuilt, or null when it was used as it was. */
  readonly rebuilt: { readonly why: string; readonly from: string } | null;
  /** Files that were moved aside because they failed their checks. */
  readonly setAside: readonly string[];
}

export interface StoreStatus {
  readonly location: string;
  readonly kernel: { readonly name: string; readonly reason: string };
  readonly durability: 'sync' | 'buffered';
  /** How the log syncs here: `direct`, `dsync`, `fdatasync` or `buffered`. */
  readonly syncMode: string;
  /** Of large values, in words: `4+2`, `MIRROR:3` or `NONE`; and of keys that begin so. */
  readonly redundancy: string;
  readonly redundancyByPrefix: Readonly<Record<string, string>>;
  readonly committedIndex: number;
  readonly appliedIndex: number;
  /** Operations acknowledged or in flight that are not applied yet. */
  readonly pendingOperations: number;
  readonly openWriters: number;
  readonly ringUsedBytes: number;
  readonly ringBytes: number;
  readonly liveSnapshots: number;
  /** Index of the newest snapshot on disk, 0 when there is none. */
  readonly snapshotIndex: number;
  readonly stateRebuilds: number;
  readonly recovery: RecoveryReport;
}

/** A folder that holds fragments of large values. */
export interface DeviceStatus {
  /** In this store; never used for another device. */
  readonly number: number;
  /** 32 hexadecimal digits; empty before the first large value. */
  readonly id: string;
  readonly path: string;
  /** `replaced`: it failed, and a spare takes its place. */
  readonly role: 'active' | 'spare' | 'replaced';
  readonly state: 'healthy' | 'degraded' | 'failed' | 'rebuilding';
  /** Why it is not healthy; empty when it is. */
  readonly why: string;
  readonly fragments: number;
  /** What its fragments take, what compaction will give back, and what is free, in bytes. */
  readonly liveBytes: number;
  readonly deadBytes: number;
  readonly freeBytes: number;
}

/** What is to be repaired. */
export type RepairRequest =
  | { readonly kind: 'survey' | 'scrub' }
  | { readonly kind: 'key'; readonly key: Uint8Array };

/** What a key holds. */
export interface ValueStat {
  readonly bytes: number;
  /** How a large value is kept; null for one that lies in the log and the state. */
  readonly large: {
    readonly blob: number;
    readonly data: number;
    readonly parity: number;
    readonly stripes: number;
    /** Fragments that should be on devices, and those that are. */
    readonly fragments: number;
    readonly present: number;
  } | null;
}

export interface Health {
  readonly verdict: 'healthy' | 'degraded' | 'failed';
  /** One sentence for each thing that is not well; empty when healthy. */
  readonly findings: readonly string[];
  /** The devices of large values, and how whole those are; empty while there are none. */
  readonly devices: readonly DeviceStatus[];
  readonly shards: readonly ShardHealthReport[];
}
