/**
 * Blobs that wait to be repaired: those that can lose the least come first, then those that wait
 * longest. What is lost already comes last: it waits for devices to come back. A blob that could
 * not be repaired is parked and tried again, ever more rarely, and never stands in the way of the
 * others.
 *
 * Ready and parked blobs are in a heap each. A blob that changes its place is pushed anew under
 * another version; what is in the heaps under an older one is passed over when it comes up.
 */
import { limits } from '../config/index.js';
import { BinaryHeap } from './binary-heap.js';

interface Entry {
  readonly blob: number;
  /** How many more fragments may be lost. */
  spare: number;
  readonly sinceMs: number;
  attempts: number;
  readyAtMs: number;
  why: string;
  version: number;
}

/** Holds the order's keys as they were: those of the entry may change while it is in a heap. */
interface Item {
  readonly entry: Entry;
  readonly version: number;
  readonly rank: number;
  readonly readyAtMs: number;
}

export interface ParkedBlob {
  readonly blob: number;
  readonly attempts: number;
  readonly why: string;
}

export class RepairQueue {
  readonly #entries = new Map<number, Entry>();
  readonly #ready = new BinaryHeap<Item>(isBefore);
  readonly #parked = new BinaryHeap<Item>((a, b) => a.readyAtMs < b.readyAtMs);

  /** Blobs that wait, parked ones included. */
  get size(): number {
    return this.#entries.size;
  }

  has(blob: number): boolean {
    return this.#entries.has(blob);
  }

  /**
   * Puts a blob in line, or takes note of what it can lose by now. False when the queue is full:
   * the next survey finds it again.
   */
  add(blob: number, spare: number, nowMs: number): boolean {
    const known = this.#entries.get(blob);
    if (known === undefined) {
      if (this.#entries.size >= limits.repairQueueMax) return false;
      const fresh = { attempts: 0, readyAtMs: nowMs, why: '', version: 0 };
      const entry = { blob, spare, sinceMs: nowMs, ...fresh };
      this.#entries.set(blob, entry);
      this.#push(this.#ready, entry);
      return true;
    }
    if (spare === known.spare) return true;
    // What is worse than it was is tried at once, unless it is beyond help.
    if (spare < known.spare && spare >= 0) known.readyAtMs = Math.min(known.readyAtMs, nowMs);
    known.spare = spare;
    this.#push(known.readyAtMs <= nowMs ? this.#ready : this.#parked, known);
    return true;
  }

  /** The blob to repair now, or null; it stays in line until it is done or parked. */
  next(nowMs: number, isBusy: (blob: number) => boolean): number | null {
    this.#ripen(nowMs);
    const busy: Item[] = [];
    let found: number | null = null;
    while (found === null) {
      const item = this.#peekReady();
      if (item === undefined) break;
      if (isBusy(item.entry.blob)) {
        this.#ready.pop();
        busy.push(item);
      } else {
        found = item.entry.blob;
      }
    }
    for (const item of busy) this.#ready.push(item);
    return found;
  }

  done(blob: number): void {
    const entry = this.#entries.get(blob);
    if (entry === undefined) return;
    entry.version += 1;
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
    this.#push(this.#parked, entry);
  }

  /** Everything may be tried at once: something changed. */
  unpark(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.readyAtMs <= nowMs) continue;
      entry.readyAtMs = nowMs;
      this.#push(this.#ready, entry);
    }
  }

  /** True while a blob may be repaired now or is being repaired. */
  hasReady(nowMs: number): boolean {
    this.#ripen(nowMs);
    return this.#peekReady() !== undefined;
  }

  parked(nowMs: number): ParkedBlob[] {
    return [...this.#entries.values()].filter(({ readyAtMs }) => readyAtMs > nowMs);
  }

  #peekReady(): Item | undefined {
    for (let item = this.#ready.peek(); item !== undefined; item = this.#ready.peek()) {
      if (item.version === item.entry.version) return item;
      this.#ready.pop();
    }
    return undefined;
  }

  /** Parked blobs whose time has come are ready. */
  #ripen(nowMs: number): void {
    for (let item = this.#parked.peek(); item !== undefined; item = this.#parked.peek()) {
      const { entry, version } = item;
      const isStale = version !== entry.version;
      if (!isStale && entry.readyAtMs > nowMs) return;
      this.#parked.pop();
      if (!isStale) this.#push(this.#ready, entry);
    }
  }

  #push(heap: BinaryHeap<Item>, entry: Entry): void {
    entry.version += 1;
    const { version, readyAtMs } = entry;
    heap.push({ entry, version, rank: rankOf(entry), readyAtMs });
    // What is stale never outnumbers the rest by much.
    if (heap.size > 2 * this.#entries.size + 64) {
      heap.retain((item) => item.version === item.entry.version);
    }
  }
}

function isBefore(a: Item, b: Item): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  const [one, other] = [a.entry, b.entry];
  return one.sinceMs !== other.sinceMs ? one.sinceMs < other.sinceMs : one.blob < other.blob;
}

function rankOf({ spare }: Entry): number {
  return spare < 0 ? Number.POSITIVE_INFINITY : spare;
}
