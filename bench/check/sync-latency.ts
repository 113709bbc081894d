/** What it costs to make 4 KiB durable in a folder, in each way that the log could do it. */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { codeOf, KiB, MiB } from '../../src/base/index.js';
import { alignedBytes, type FileHandle, type FileSystem } from '../../src/io/index.js';
import { Histogram } from '../harness/index.js';

export const syncModes = ['fdatasync', 'dsync', 'direct'] as const;
export type CheckedSyncMode = (typeof syncModes)[number];

export interface SyncLatency {
  readonly mode: CheckedSyncMode;
  /** Null where the file system does not know the mode. */
  readonly latency: {
    readonly p50Us: number;
    readonly p99Us: number;
    readonly count: number;
  } | null;
}

const writeBytes = 4 * KiB;
const warmups = 16;

/**
 * Writes 4 KiB after 4 KiB over a file of zeros, as the log does. Synchronous: this thread waits.
 */
export function measureSync(
  fileSystem: FileSystem,
  folder: string,
  options: { readonly durationMs: number; readonly fileBytes?: number },
): SyncLatency[] {
  const file = path.join(folder, 'sync-latency');
  const fileBytes = options.fileBytes ?? 16 * MiB;
  const zeros = alignedBytes(Math.min(fileBytes, MiB));
  const created = fileSystem.open(file, { access: 'read-write', create: true });
  try {
    for (let at = 0; at < fileBytes; at += zeros.length) {
      writeAll(created, zeros, Math.min(zeros.length, fileBytes - at), at);
    }
    created.sync();
  } finally {
    created.close();
  }
  try {
    return syncModes.map((mode) => {
      return { mode, latency: measureMode(fileSystem, file, mode, fileBytes, options.durationMs) };
    });
  } finally {
    fileSystem.unlink(file);
  }
}

function measureMode(
  fileSystem: FileSystem,
  file: string,
  mode: CheckedSyncMode,
  fileBytes: number,
  durationMs: number,
): SyncLatency['latency'] {
  let handle: FileHandle;
  try {
    const sync = mode === 'fdatasync' ? 'none' : mode;
    handle = fileSystem.open(file, { access: 'read-write', sync });
  } catch (error) {
    if (codeOf(error) === 'EINVAL') return null;
    throw error;
  }
  const block = alignedBytes(writeBytes);
  const histogram = new Histogram();
  const endAt = performance.now() + durationMs;
  try {
    for (let i = 0; i < warmups * 2 || performance.now() < endAt; i++) {
      block[0] = i;
      const before = performance.now();
      writeAll(handle, block, writeBytes, (i * writeBytes) % fileBytes);
      if (mode === 'fdatasync') handle.sync();
      if (i >= warmups) histogram.record((performance.now() - before) * 1e6);
    }
  } finally {
    handle.close();
  }
  const { p50Us, p99Us } = histogram.percentiles();
  return { p50Us, p99Us, count: histogram.count };
}

function writeAll(handle: FileHandle, bytes: Uint8Array, length: number, position: number): void {
  for (let at = 0; at < length; ) at += handle.write(bytes, at, length - at, position + at);
}
