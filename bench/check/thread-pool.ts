/**
 * Is libuv's thread pool starved? A 4 KiB read is timed alone, then while as many slow operations
 * (1 MiB written and synced) are open as the pool has threads by default. LevelDB, file reads,
 * DNS and zlib of the whole process share that pool.
 */
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { KiB, MiB } from '../../src/base/index.js';
import { Histogram } from '../harness/index.js';

export interface PoolLatency {
  readonly aloneP50Us: number;
  readonly aloneP99Us: number;
  readonly busyP50Us: number;
  readonly busyP99Us: number;
}

const slowOperations = 4;

export async function measurePool(folder: string, durationMs: number): Promise<PoolLatency> {
  const small = path.join(folder, 'pool-small');
  await fs.promises.writeFile(small, Buffer.alloc(4 * KiB, 1));
  const names = Array.from({ length: slowOperations }, (_, i) => path.join(folder, `pool-${i}`));
  const stop = { now: false };
  try {
    const alone = await timeReads(small, durationMs);
    const slow = Promise.all(names.map((name) => writeSlowly(name, stop)));
    const busy = await timeReads(small, durationMs).finally(() => {
      stop.now = true;
    });
    await slow;
    return {
      aloneP50Us: alone.percentile(50) / 1000,
      aloneP99Us: alone.percentile(99) / 1000,
      busyP50Us: busy.percentile(50) / 1000,
      busyP99Us: busy.percentile(99) / 1000,
    };
  } finally {
    for (const name of [small, ...names]) await fs.promises.rm(name, { force: true });
  }
}

async function timeReads(file: string, durationMs: number): Promise<Histogram> {
  const histogram = new Histogram();
  const handle = await fs.promises.open(file, 'r');
  const target = Buffer.alloc(4 * KiB);
  const endAt = performance.now() + durationMs;
  try {
    do {
      const before = performance.now();
      await handle.read(target, 0, target.length, 0);
      histogram.record((performance.now() - before) * 1e6);
    } while (performance.now() < endAt);
  } finally {
    await handle.close();
  }
  return histogram;
}

async function writeSlowly(name: string, stop: { readonly now: boolean }): Promise<void> {
  const handle = await fs.promises.open(name, 'w');
  const block = Buffer.alloc(MiB, 7);
  try {
    while (!stop.now) {
      await handle.write(block, 0, block.length, 0);
      await handle.datasync();
    }
  } finally {
    await handle.close();
  }
}
