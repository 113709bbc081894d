/**
 * What it costs to make 4 KiB durable, in each way that the log knows, measured in a process of
 * its own because every sync blocks the thread that asks for it.
 *
 *   direct     O_DIRECT | O_DSYNC, past the page cache
 *   dsync      O_DSYNC
 *   fdatasync  a write, then fdatasync
 *
 * The file is written full of zeros and synced first, as the log's segments are, so that no sync
 * pays for allocation. It lies in the folder asked for and is removed again.
 */
import { join } from 'node:path';
import { KiB, messageOf } from '../../../base/index.js';
import { alignedBytes, type Clock, type FileSystem, type OpenOptions } from '../../../io/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { LatencyRecorder } from '../latency.js';
import { storeFolder } from '../with-store.js';

export const syncModes = ['direct', 'dsync', 'fdatasync'] as const;
export type SyncMode = (typeof syncModes)[number];

export type SyncCost =
  | { readonly mode: SyncMode; readonly p50Ms: number; readonly p99Ms: number }
  | { readonly mode: SyncMode; readonly problem: string };

const blockBytes = 4 * KiB;
const writes = 100;
/** A mode stops early when the disk is so slow that the person would wonder. */
const modeMsMax = 5000;

export async function run(context: CommandContext): Promise<ExitCode> {
  const { fileSystem, clock } = context.environment;
  const costs = measureSyncs(fileSystem, clock, storeFolder(context));
  await context.terminal.write(`${JSON.stringify(costs)}\n`);
  return exitCodes.ok;
}

/** Blocks for as long as some hundred syncs take. */
export function measureSyncs(fileSystem: FileSystem, clock: Clock, folder: string): SyncCost[] {
  const path = join(folder, `doctor-${process.pid}.tmp`);
  const zeros = alignedBytes(blockBytes);
  try {
    prepare(fileSystem, path, zeros);
    return syncModes.map((mode) => measure(fileSystem, clock, path, mode));
  } catch (error) {
    return syncModes.map((mode) => ({ mode, problem: messageOf(error) }));
  } finally {
    if (fileSystem.stat(path) !== null) fileSystem.unlink(path);
  }
}

function prepare(fileSystem: FileSystem, path: string, zeros: Uint8Array): void {
  const handle = fileSystem.open(path, { access: 'read-write', create: true });
  try {
    for (let i = 0; i < writes; i++) handle.write(zeros, 0, blockBytes, i * blockBytes);
    handle.sync();
  } finally {
    handle.close();
  }
}

const openSync: Readonly<Record<SyncMode, NonNullable<OpenOptions['sync']>>> = {
  direct: 'direct',
  dsync: 'dsync',
  fdatasync: 'none',
};

function measure(fileSystem: FileSystem, clock: Clock, path: string, mode: SyncMode): SyncCost {
  const latency = new LatencyRecorder();
  const block = alignedBytes(blockBytes).fill(0x5a);
  try {
    const handle = fileSystem.open(path, { access: 'read-write', sync: openSync[mode] });
    try {
      const until = clock.monotonicMs() + modeMsMax;
      for (let i = 0; i < writes && clock.monotonicMs() < until; i++) {
        const beganAt = clock.monotonicMs();
        handle.write(block, 0, blockBytes, i * blockBytes);
        if (mode === 'fdatasync') handle.sync();
        latency.record(clock.monotonicMs() - beganAt);
      }
    } finally {
      handle.close();
    }
  } catch (error) {
    return { mode, problem: messageOf(error) };
  }
  const { p50Ms, p99Ms } = latency.summary();
  return { mode, p50Ms, p99Ms };
}
