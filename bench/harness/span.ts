/**
 * What the process and the machine spent between two moments: CPU time, memory, and the cores
 * that other programs used meanwhile, without which a figure from a shared machine means nothing.
 */
import fs from 'node:fs';
import os from 'node:os';
import { performance } from 'node:perf_hooks';

export interface SpanResult {
  readonly elapsedMs: number;
  /** User and system time of all threads of this process. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Cores used by other processes on average, null where /proc/stat does not exist. */
  readonly otherCores: number | null;
}

/** Started once, stopped once; stopping before the start gives an empty span. */
export class Span {
  #startedAt: number | null = null;
  #cpuAtStart: NodeJS.CpuUsage = { user: 0, system: 0 };
  #busyAtStart: number | null = null;
  #result: SpanResult | null = null;

  start(): void {
    this.#busyAtStart = machineBusyMs();
    this.#cpuAtStart = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  stop(): void {
    if (this.#result !== null) return;
    const elapsedMs = this.#startedAt === null ? 0 : performance.now() - this.#startedAt;
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const cpuMs = this.#startedAt === null ? 0 : (cpu.user + cpu.system) / 1000;
    const busy = machineBusyMs();
    const otherCores =
      busy === null || this.#busyAtStart === null || elapsedMs < 100
        ? null
        : Math.max(0, (busy - this.#busyAtStart - cpuMs) / elapsedMs);
    this.#result = { elapsedMs, cpuMs, rssBytes: process.memoryUsage.rss(), otherCores };
  }

  result(): SpanResult {
    this.stop();
    return this.#result ?? { elapsedMs: 0, cpuMs: 0, rssBytes: 0, otherCores: null };
  }
}

/** Time that all cores together spent not idle since boot, in milliseconds. */
function machineBusyMs(): number | null {
  if (os.platform() !== 'linux') return null;
  const line = fs.readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const ticks = line.trim().split(/\s+/).slice(1).map(Number);
  // user nice system idle iowait irq softirq steal; a tick is 10 ms.
  const busy = ticks
    .slice(0, 8)
    .reduce((sum, value, i) => (i === 3 || i === 4 ? sum : sum + value), 0);
  return busy * 10;
}
