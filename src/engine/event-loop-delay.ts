/**
 * How late the main event loop runs: what a timer that should fire every few milliseconds measures
 * about itself, in native code, without work for the loop.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** Length of the timer's period. Its own length is taken off what it measures. */
const resolutionMs = 5;
const nanosecondsPerSecond = 1e9;

/** Quantiles and maximum cover the time since the last sample; count and sum the whole life. */
export interface DelaySample {
  readonly quantiles: readonly { readonly quantile: string; readonly seconds: number }[];
  readonly maxSeconds: number;
  readonly count: number;
  readonly sumSeconds: number;
}

type DelaySource = Pick<
  IntervalHistogram,
  'enable' | 'disable' | 'reset' | 'percentile' | 'max' | 'mean' | 'count'
>;

export class EventLoopDelay {
  readonly #source: DelaySource;
  #count = 0;
  #sumSeconds = 0;

  constructor(source: DelaySource = monitorEventLoopDelay({ resolution: resolutionMs })) {
    this.#source = source;
    this.#source.enable();
  }

  sample(): DelaySample {
    const source = this.#source;
    const count = source.count;
    const quantiles = ['0.5', '0.9', '0.99', '0.999'].map((quantile) => ({
      quantile,
      seconds: count === 0 ? 0 : delaySeconds(source.percentile(Number(quantile) * 100)),
    }));
    const maxSeconds = count === 0 ? 0 : delaySeconds(source.max);
    if (count > 0) this.#sumSeconds += delaySeconds(source.mean) * count;
    this.#count += count;
    source.reset();
    return { quantiles, maxSeconds, count: this.#count, sumSeconds: this.#sumSeconds };
  }

  stop(): void {
    this.#source.disable();
  }
}

function delaySeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerSecond - resolutionMs / 1000);
}
