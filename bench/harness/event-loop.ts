/**
 * How long the event loop was held up: node's own sampler (a timer that should fire every
 * millisecond), the pauses of V8's collector, and the loop's utilization.
 *
 * The sampler's intervals include the millisecond between two timers; it is subtracted here, so
 * that an idle loop shows the lateness of its timers (up to about 1 ms, their resolution) and a
 * loop held for 20 ms shows 20.
 */
import {
  constants,
  monitorEventLoopDelay,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';

const resolutionMs = 1;

export interface EventLoopResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** The longest pause. */
  readonly maxMs: number;
  /** 0 to 1. */
  readonly utilization: number;
  readonly scavenges: number;
  readonly scavengeLongestMs: number;
  readonly markCompacts: number;
  readonly markCompactLongestMs: number;
  /** All collections together. */
  readonly collectingMs: number;
}

export class EventLoopMonitor {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #observer: PerformanceObserver;
  #utilizationAtStart = performance.eventLoopUtilization();
  #startedAt = 0;
  #scavenges = 0;
  #scavengeLongestMs = 0;
  #markCompacts = 0;
  #markCompactLongestMs = 0;
  #collectingMs = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#collect(entry);
    });
  }

  /** Resolves when the sampler runs. */
  async start(): Promise<void> {
    this.#utilizationAtStart = performance.eventLoopUtilization();
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#startedAt = performance.now();
    this.#delay.enable();
    // The first interval that is recorded starts when the sampler fires for the first time.
    await turns();
  }

  /** Lets the sampler fire once more, so that a loop that was held to the end shows it. */
  async stop(): Promise<EventLoopResult> {
    await turns();
    this.#delay.disable();
    for (const entry of this.#observer.takeRecords()) this.#collect(entry);
    this.#observer.disconnect();
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
    // Nothing was sampled: percentiles would be those of an empty histogram.
    const sampled = this.#delay.max > 0;
    return {
      p50Ms: sampled ? late(this.#delay.percentile(50)) : 0,
      p99Ms: sampled ? late(this.#delay.percentile(99)) : 0,
      p999Ms: sampled ? late(this.#delay.percentile(99.9)) : 0,
      maxMs: sampled ? late(this.#delay.max) : 0,
      utilization: performance.eventLoopUtilization(this.#utilizationAtStart).utilization,
      scavenges: this.#scavenges,
      scavengeLongestMs: this.#scavengeLongestMs,
      markCompacts: this.#markCompacts,
      markCompactLongestMs: this.#markCompactLongestMs,
      collectingMs: this.#collectingMs,
    };
  }

  #collect(entry: { startTime: number; duration: number; detail?: unknown }): void {
    if (entry.startTime < this.#startedAt) return;
    this.#collectingMs += entry.duration;
    const kind = kindOf(entry.detail);
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR) {
      this.#scavenges += 1;
      this.#scavengeLongestMs = Math.max(this.#scavengeLongestMs, entry.duration);
    } else if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) {
      this.#markCompacts += 1;
      this.#markCompactLongestMs = Math.max(this.#markCompactLongestMs, entry.duration);
    }
  }
}

/** Long enough for a timer of one millisecond to fire. */
function turns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3 * resolutionMs));
}

function kindOf(detail: unknown): unknown {
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : null;
}
