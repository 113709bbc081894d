/**
 * Starts the log where it runs: recovers it, raises the ballot, and builds its loop. In the log
 * thread in production (workers/log.ts), inline over the memory file system in tests.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock, FileSystem } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { BacklogBuilder, type BacklogData } from '../metadata/index.js';
import type { ThreadPort } from '../pool/index.js';
import {
  type Damage,
  type Identity,
  LogLoop,
  type LogMeter,
  type LogTail,
  LogThread,
  LogWriter,
  type RecoveredLog,
  readSuperblock,
  recoverLog,
  type SyncMode,
  writeSuperblock,
} from '../wal/index.js';
import { systemFailure } from './system-failure.js';

/** The stream of the engine's own commands. */
export const commandStream = 0;

/** Plain data: travels to the log thread. */
export interface LogStart {
  readonly directory: string;
  readonly identity: Identity;
  readonly syncMode: SyncMode;
  readonly segmentBytes: number;
  readonly acceptLoss: boolean;
  /** What the state has; records behind it go into the backlog. */
  readonly appliedIndex: number;
}

export interface BatchPlace {
  /** Of the segment, and where in it the batch begins. */
  readonly sequence: number;
  readonly offset: number;
}

export interface LogReport {
  /** The ballot of this run, higher than of any before. */
  readonly ballot: number;
  readonly incarnation: number;
  readonly membershipEpoch: number;
  readonly superblockRepaired: number;
  /** First and last index of the command stream in the log; both 0 when it is empty. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly tail: LogTail;
  readonly damages: readonly Damage[];
  readonly torn: RecoveredLog['torn'];
  readonly cut: RecoveredLog['cut'];
  readonly repairedBlocks: number;
  /** The sync mode in force. */
  readonly mode: SyncMode;
  /** Most bytes of records that one batch can carry. */
  readonly batchBytesMax: number;
  readonly records: number;
  readonly bytes: number;
  /** What the state does not have yet, or null. */
  readonly backlog: BacklogData | null;
  /** The first batch with a record that the state does not have, or null. */
  readonly replayFrom: BatchPlace | null;
}

export interface LogSurroundings {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly clock: Clock;
  /** Memory that batches are formed in, page aligned. */
  readonly staging: Uint8Array;
  readonly memory: Uint8Array;
  readonly control: Int32Array;
  readonly meter: LogMeter;
}

export interface StartedLog {
  readonly report: LogReport;
  readonly loop: LogLoop;
  readonly writer: LogWriter;
}

/** Bytes of staging memory that any batch fits in. */
export const stagingBytes = limits.commandBytesMax + limits.batchBytesMax + 64 * 1024;

/** Recovers the log and makes it ready to write. Errors are those of recoverLog and superblock. */
export function startLog(start: LogStart, around: LogSurroundings): StartedLog {
  const { fileSystem, kernel } = around;
  const promised = promise(start, around);
  const options = {
    fileSystem,
    kernel,
    directory: start.directory,
    identity: { ...start.identity, incarnation: promised.incarnation },
    syncMode: start.syncMode,
    segmentBytes: start.segmentBytes,
    staging: around.staging,
    ballastBytes: Math.min(limits.ballastBytes, start.segmentBytes),
  };
  const backlog = new BacklogBuilder(commandStream, start.appliedIndex);
  let replayFrom: LogReport['replayFrom'] = null;
  const recovered = recoverLog({
    ...options,
    acceptLoss: start.acceptLoss,
    onRecord: (record) => {
      const needed = record.stream === commandStream && record.index > start.appliedIndex;
      if (needed) replayFrom ??= placeOf(record.batchPosition, start.segmentBytes);
      backlog.add(record);
    },
  });
  const writer = new LogWriter(options, recovered.tail);
  const loop = new LogLoop({
    memory: around.memory,
    control: around.control,
    writer,
    monotonicMs: () => around.clock.monotonicMs(),
    meter: around.meter,
  });
  const stream = recovered.streams.get(commandStream);
  const report: LogReport = {
    ...promised,
    firstIndex: stream?.firstIndex ?? 0,
    lastIndex: stream?.lastIndex ?? 0,
    tail: recovered.tail,
    damages: recovered.damages,
    torn: recovered.torn,
    cut: recovered.cut,
    repairedBlocks: recovered.repaired.length,
    mode: writer.status().mode,
    batchBytesMax: writer.batchBytesMax,
    records: recovered.records,
    bytes: recovered.bytes,
    backlog: backlog.finish(),
    replayFrom,
  };
  return { report, loop, writer };
}

function placeOf(position: number, segmentBytes: number): BatchPlace {
  const sequence = Math.floor(position / segmentBytes);
  return { sequence, offset: position - sequence * segmentBytes };
}

/** Serves the log until it is told to stop; the thread's own loop. */
export function serveLog(
  started: StartedLog,
  around: LogSurroundings,
  port: ThreadPort,
  buffered: boolean,
): void {
  const { loop, writer } = started;
  new LogThread({
    loop,
    writer,
    control: around.control,
    clock: around.clock,
    port,
    buffered,
    prepares: true,
  }).run();
}

/** The system's errors at the superblock, typed; in a thread they would lose their names. */
function promise(start: LogStart, around: LogSurroundings) {
  try {
    return raiseBallot(start, around);
  } catch (error) {
    throw systemFailure(`The superblock of ${start.directory}`, error);
  }
}

/** Every run writes under a ballot of its own, durable before its first record. */
function raiseBallot(start: LogStart, around: LogSurroundings) {
  const { fileSystem, kernel } = around;
  const path = `${start.directory}/superblock`;
  const read = readSuperblock(fileSystem, path, kernel, start.identity);
  if (read.kind === 'absent' && fileSystem.stat(`${start.directory}/log`) !== null) {
    const used = fileSystem.list(`${start.directory}/log`).some((name) => name.endsWith('.wal'));
    if (used) {
      const message = `${path} is missing although the log has segments; restore it from a backup, or open with recovery: 'accept-loss'.`;
      if (!start.acceptLoss) throw new ThemisError('THEMIS_INCARNATION_STALE', message);
    }
  }
  const before =
    read.kind === 'valid'
      ? read.superblock
      : { ...start.identity, incarnation: 1, sequence: 0, ballot: 0, membershipEpoch: 1 };
  const next = { ...before, sequence: before.sequence + 1, ballot: before.ballot + 1 };
  writeSuperblock(fileSystem, path, kernel, next);
  return {
    ballot: next.ballot,
    incarnation: next.incarnation,
    membershipEpoch: next.membershipEpoch,
    superblockRepaired: read.kind === 'valid' ? read.repaired : 0,
  };
}
