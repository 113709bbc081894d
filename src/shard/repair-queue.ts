/**
 * Blobs that wait to be repaired: those that can lose the least come first, then those that wait
 * longest. A blob that could not be repaired is parked and tried again, ever more rarely, and never
 * stands in the way of the others.
 */
import { limits } from '../config/index.js';

interface Entry {
  readonly blob: number;
  /** How many more fragments may be lost. */
  spare: number;
  readonly sinceMs: number;
  attempts: number;
  readyAtMs: number;
  why: string;
}

export interface ParkedBlob {
  readonly blob: number;
  readonly attempts: number;
  readonly why: string;
}

export class RepairQueue {
  readonly #entries = new Map<number, Entry>();

  /** Blobs that wait, parked ones included. */
  get size(): number {
    return this.#entries.size;
  }

  has(blob: number): boolean {
    return this.#entries.has(blob);
  }

  /**
   * Puts a blob in line, or takes note that it can lose less by now. False when the queue is full:
   * the next survey finds it again.
   */
  add(blob: number, spare: number, nowMs: number): boolean {
    const known = this.#entries.get(blob);
    if (known !== undefined) {
      // What is worse than it was is tried at once.
      if (spare < known.spare) known.readyAtMs = nowMs;
      known.spare = spare;
      return true;
    }
    if (this.#entries.size >= limits.repairQueueMax) return false;
    const fresh = { attempts: 0, readyAtMs: nowMs, why: '' };
    this.#entries.set(blob, { blob, spare, sinceMs: nowMs, ...fresh });
    return true;
  }

  /** The blob to repair now, or null; it stays in line until it is done or parked. */
  next(nowMs: number, isBusy: (blob: number) => boolean): number | null {
    let best: Entry | null = null;
    for (const entry of this.#entries.values()) {
      if (entry.readyAtMs > nowMs || isBusy(entry.blob)) continue;
      if (best === null || isBefore(entry, best)) best = entry;
    }
    return best?.blob ?? null;
  }

  done(blob: number): void {
    this.#entries.delete(blob);
  }

  /** Tries again in 60 s, then 120 s, ... up to 64 minutes. */
  park(blob: number, nowMs: number, why: string): void {
    const entry = this.#entries.get(blob);
    if (entry === undefined) return;
    const doublings = Math.min(entry.attempts, limits.repairRetryDoublings);
    entry.attempts += 1;
    entry.readyAtMs = nowMs + limits.repairRetryMs * 2 ** doublings;
    entry.why = why;
  }

  /** Everything may be tried at once: something changed. */
  unpark(nowMs: number): void {
    for (const entry of this.#entries.values()) entry.readyAtMs = Math.min(entry.readyAtMs, nowMs);
  }

  /** True while a blob may be repaired now or is being repaired. */
  hasReady(nowMs: number): boolean {
    for (const { readyAtMs } of this.#entries.values()) if (readyAtMs <= nowMs) return true;
    return false;
  }

  parked(nowMs: number): ParkedBlob[] {
    return [...this.#entries.values()].filter(({ readyAtMs }) => readyAtMs > nowMs);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.spare - b.spare < 0 || (a.spare === b.spare && a.sinceMs < b.sinceMs);
}
