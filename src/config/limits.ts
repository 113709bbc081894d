/**
 * Every bound of Themis, named once, with the relations that other code relies on asserted.
 */
import { assert, GiB, KiB, MiB } from '../base/index.js';

/** Longest key, in bytes. Keys live in LevelDB's blocks and in the pending index. */
export const keyBytesMax = 16 * KiB;
/** Longest value that travels in the log, in bytes. */
export const valueBytesMax = 16 * MiB;
/** Values up to this size travel in the log; larger ones go to devices, unless options differ. */
export const inlineBytesMax = 64 * KiB;
/** Devices of a store that names none. */
export const defaultDevices = 6;
/** Most operations in one atomic batch. */
export const batchOperationsMax = 65_536;
/** Longest command (all operations of one atomic batch, encoded), in bytes. */
export const commandBytesMax = 17 * MiB;

/** The shared ring between the main loop, the log thread and the state thread. Power of two. */
export const ringBytes = 64 * MiB;
/** Writers that may wait for room in the ring before new ones are refused. */
export const writersWaitingMax = 65_536;
/** Bytes of commands that may wait for room in the ring. */
export const writersWaitingBytesMax = 64 * MiB;
/** Operations that may be acknowledged but not yet applied. */
export const pendingOperationsMax = 1 << 20;

/** Smallest unit that a disk writes atomically. */
export const sectorBytes = 512;
/** Alignment of every batch in the log; O_DIRECT needs it too. */
export const blockBytes = 4 * KiB;
/** Size of one log segment. */
export const segmentBytes = 64 * MiB;
/** Prepared segments that wait to be used. */
export const spareSegments = 2;
/** A batch is cut after this many bytes, unless one record alone is longer. */
export const batchBytesMax = 2 * MiB;
/** A batch is cut after this many records. */
export const batchRecordsMax = 8_192;
/** Space kept back so that a full disk can still be recovered from. */
export const ballastBytes = 16 * MiB;
/** How long buffered durability leaves writes unsynced, in milliseconds. */
export const bufferedSyncMs = 100;

/** Log bytes after which a snapshot of the state is taken (and the log truncated). */
export const snapshotLogBytes = 1 * GiB;
/** Bytes of one snapshot chunk before its checksum. */
export const snapshotChunkBytes = 1 * MiB;
/** Snapshots kept; the log reaches back to the oldest. */
export const snapshotsKept = 2;

/** Explicit snapshots and iterators that may be open at once. */
export const liveSnapshotsMax = 4_096;
/** While less than this is committed and not applied, applying may wait for more. */
export const applyEagerRecords = 64;
/** How long it may wait, in milliseconds. */
export const applyLingerMs = 4;
/** Entries of one atomic batch into the applied state. */
export const applyOperationsMax = 4_096;
/** Bytes of one atomic batch into the applied state, unless one command alone is longer. */
export const applyBytesMax = 4 * MiB;

/** LevelDB's block cache; the folder's first opener brings it. */
export const stateCacheBytes = 64 * MiB;
/** LevelDB's memtable: applied state that is not yet in a table. */
export const stateWriteBufferBytes = 8 * MiB;
/** Size of one of LevelDB's tables. */
export const stateFileBytes = 16 * MiB;
/** Bytes that an iterator of the state fetches in one thread hop. */
export const stateFetchBytes = 64 * KiB;
/** Gets of one tick that share a thread hop; more are spread over several threads. */
export const readBatchKeysMax = 256;
/** Nodes that the pending index starts with; it doubles up to pendingOperationsMax. */
export const pendingOperationsMin = 1 << 16;
/** History records that are looked at in one step of pruning, between two batches. */
export const pruneRecordsMax = 1_024;

/** Largest slab of memory for coding. Offsets in it are 32-bit. */
export const slabBytesMax = 1 * GiB;
/** Shards of one stripe, data and parity: elements of GF(2^8). */
export const shardsMax = 256;
/** Prepared reconstructions that a coder keeps. */
export const codingPlansMax = 256;
/** Their coefficients, one for each shard read and each one written. */
export const codingCoefficientsMax = 65_536;

/** Devices that one store has at once, spares included. */
export const devicesMax = 255;
/** Bytes of a fragment that one checksum covers. */
export const fragmentBlockBytes = 64 * KiB;
/** Longest data of one fragment, in bytes; its checksums fit its header block. */
export const fragmentBytesMax = 16 * MiB;
/** Fragments that all devices hold together: 40 bytes of memory each. */
export const fragmentsMax = 1 << 26;
/** Fragments that the index starts with room for; it doubles up to fragmentsMax. */
export const fragmentsMin = 1 << 10;
/** Size of one volume file. */
export const volumeBytes = 256 * MiB;
/** Emptied volumes that a device keeps to be used again. */
export const spareVolumes = 2;
/** Fragments written by one call end after this many bytes, unless one alone is longer. */
export const groupBytesMax = 8 * MiB;
/** Fragments written by one call; systems take at most 1,024 pieces. */
export const groupFragmentsMax = 512;
/** Bytes that compaction copies and verifies in one step, unless one fragment alone is longer. */
export const compactionStepBytes = 4 * MiB;
/** Volume files that one thread keeps open. */
export const openVolumesMax = 64;
/** Reads that a device may fail in one opening before it counts as broken. */
export const deviceReadErrorsMax = 32;
/** Blobs that may wait to be repaired; more are found again by the next survey. */
export const repairQueueMax = 65_536;
/** Damaged fragments that are remembered until they are made anew. */
export const damagedFragmentsMax = 65_536;
/** When a blob that could not be repaired is tried again, doubled for each further attempt ... */
export const repairRetryMs = 60_000;
/** ... up to so many times. */
export const repairRetryDoublings = 6;
/** Repairs under way at once. */
export const concurrentRepairsMax = 4;
/** Stripes of one blob that are repaired at once, as far as their memory has room. */
export const stripesAtOnce = 4;
/** How often the index is compared with what must be there, in milliseconds. */
export const surveyIntervalMs = 300_000;
/** How often waiting repairs are looked at, in milliseconds. */
export const repairPollMs = 30_000;
/** Blobs that are surveyed in one step. */
export const surveyBatch = 100;
/** Bytes a second that the scrub reads from all devices together, unless it found damage. */
export const scrubBytesPerSecond = 10 * MiB;
/** How much faster the scrub goes in a pass that found damage. */
export const scrubHaste = 4;
/** How often the scrub's place is written down, in milliseconds. */
export const scrubNoteMs = 10_000;
/** Time to begin the next pass of the scrub after the last one ended, in milliseconds. */
export const scrubPauseMs = 24 * 3_600_000;
/** How long a device may be away before a spare takes its place, in milliseconds. */
export const spareGraceMs = 30_000;
/** Entries of the index that are looked at for copies too many between two turns of the loop. */
export const surplusStepEntries = 1_024;
/**
 * How long repair lets the foreground go first before each stripe, at most, in milliseconds. Reads
 * and writes of 1 MiB take up to half longer at the 99th percentile meanwhile, on two cores.
 */
export const repairYieldMs = 5;
/** Jobs of the repair engine that may be under way. */
export const repairJobsMax = 64;
/** Jobs of the repair engine that are remembered after they ended. */
export const repairJobsKept = 1_000;
/** How often devices are looked after, in milliseconds. */
export const deviceWatchMs = 1_000;

/** Compute tasks that may wait for a thread. */
export const computeQueueMax = 256;

/** Key prefixes with a redundancy of their own. */
export const redundancyRulesMax = 256;
/** Bytes of a value in one stripe: what is coded at once. */
export const blobStripeBytes = 4 * MiB;
/** Memory that a stripe takes with its parity and headers. */
export const blobSlotBytesMax = 16 * MiB;
/** Memory for stripes on their way to devices, unless the options say otherwise. */
export const blobMemoryBytes = 64 * MiB;
/** Longest value. Its manifest must also fit manifestBytesMax. */
export const blobBytesMax = 256 * GiB;
/** Longest manifest; it travels in the log like a small value. */
export const manifestBytesMax = 8 * MiB;
/** Large values that may be written at once, those included that wait for memory. */
export const blobWritersMax = 2_048;
/** Bytes of these values, unless one alone is longer. */
export const blobWritersBytesMax = 1 * GiB;
/** Stripes of one writer or reader of a stream that may be under way. */
export const blobStreamStripes = 3;
/** Streams that may be written at once; each holds up to a stripe that is being gathered. */
export const blobStreamsMax = 32;
/** Longest value, or range, that is read in one piece; longer ones are streamed. */
export const blobReadBytesMax = 1 * GiB;
/** Memory that values are read into before they are copied out. */
export const blobReadMemoryBytes = 32 * MiB;
/** Reads that may wait for a thread before new ones are refused. */
export const blobReadsWaitingMax = 4_096;
/** Bytes that are read in one task, unless one read alone is longer. */
export const blobReadBatchBytes = 2 * MiB;
/** Plans of one read, as fragments move, before the value counts as lost. */
export const blobReadAttempts = 4;
/** Entries of the index that the collector of garbage looks at between two turns of the loop. */
export const garbageStepEntries = 16_384;
/**
 * Bytes of values that are encoded in one task, unless one stripe alone has more. Few, so that the
 * first reach the devices while the others are encoded: else all move in step, and threads and
 * devices wait for each other.
 */
export const blobEncodeBytes = 1 * MiB;
/** How long a device may keep a write waiting that is durable enough without it, in milliseconds. */
export const blobGraceMs = 1_000;
/** How long a write may take before devices that do not answer count as failed, in milliseconds. */
export const blobWriteMs = 30_000;
/** A read that has taken less is never helped by a second one, in milliseconds. */
export const blobHedgeMsMin = 10;

/** Numbers that the metrics of one thread may take; a histogram takes one for each bound. */
export const metricSlotsMax = 1_024;
/** Connections that the metrics port serves at once. */
export const metricConnectionsMax = 32;
/** How long the metrics port waits for a slow client, in milliseconds. */
export const metricClientMs = 5_000;

assert(valueBytesMax + keyBytesMax + 64 * KiB <= commandBytesMax, 'a value fits a command');
assert(commandBytesMax * 3 <= ringBytes, 'the ring holds a command wherever it wraps');
assert(commandBytesMax + batchBytesMax + 64 * KiB <= segmentBytes, 'a command fits a segment');
assert(2 * fragmentBytesMax <= volumeBytes, 'a volume holds more than one fragment');
assert(fragmentBlockBytes % blockBytes === 0, 'blocks of fragments are whole blocks');
assert(segmentBytes % blockBytes === 0, 'segments are whole blocks');
assert(blockBytes % sectorBytes === 0, 'blocks are whole sectors');
assert(codingCoefficientsMax >= (shardsMax / 2) ** 2, 'the widest reconstruction is kept');
assert(shardsMax * 2 * blockBytes <= blobSlotBytesMax, 'the widest stripe has a slot');
assert(blobSlotBytesMax * 2 <= blobReadMemoryBytes, 'a read and its hedge have memory');
assert(blobSlotBytesMax * 2 <= blobMemoryBytes, 'two stripes are under way, whatever their width');
assert(blobStripeBytes <= fragmentBytesMax, 'one fragment holds a stripe');
assert(manifestBytesMax <= valueBytesMax, 'a manifest fits a command');
