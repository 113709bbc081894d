/**
 * Prometheus text from the arena, made when somebody asks and at no other time.
 *
 * prom-client's Registry writes the text; the metrics in it are objects that read the arena in
 * `get()`. Numbers that the engine has anyway (room in the ring, lag) are sampled then, too.
 */
import { type Metric, Registry } from 'prom-client';
import type { MetricFamily, MetricSeries, MetricsArena } from '../telemetry/index.js';
import type { DelaySample, EventLoopDelay } from './event-loop-delay.js';

export interface MetricsOptions {
  readonly arena: MetricsArena;
  /** Name of the kernel in use, and version of the package; labels of themis_build_info. */
  readonly kernel: string;
  readonly version: string;
  readonly eventLoop: EventLoopDelay;
  /** Called before each scrape: sets the gauges of numbers that are kept elsewhere. */
  readonly sample: () => void;
}

interface SampleValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What Registry asks of a metric; prom-client's own classes are metrics of this shape. */
interface Collected {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly values: readonly SampleValue[];
}

interface Collector {
  get(): Promise<object>;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #options: MetricsOptions;
  #delay: DelaySample;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#delay = options.eventLoop.sample();
    const { arena, kernel, version } = options;
    for (const name of arena.names()) this.#register(name, () => collectedOf(arena.read(name)));
    this.#registerGauge('themis_build_info', 'Version and kernel in use; always 1.', () => [
      { labels: { kernel, version }, value: 1 },
    ]);
    this.#registerGauge(
      'themis_eventloop_delay_max_seconds',
      'Longest delay of the main event loop since the last scrape.',
      () => [{ labels: {}, value: this.#delay.maxSeconds }],
    );
    this.#register('themis_eventloop_delay_seconds', () => collectedDelay(this.#delay));
  }

  /** The value for the Content-Type header that goes with the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the Prometheus text format, version 0.0.4. */
  async metricsText(): Promise<string> {
    this.#options.sample();
    this.#delay = this.#options.eventLoop.sample();
    return this.#registry.metrics();
  }

  /** Stops what runs by itself: the measurement of the event loop. */
  stop(): void {
    this.#options.eventLoop.stop();
  }

  #registerGauge(name: string, help: string, values: () => SampleValue[]): void {
    this.#register(name, () => ({ name, help, type: 'gauge', values: values() }));
  }

  #register(name: string, collect: () => Collected): void {
    const named = { name, get: async () => collect() };
    const collector: Collector = named;
    this.#registry.registerMetric(collector as Metric);
  }
}

function collectedOf({ name, help, kind, series }: MetricFamily): Collected {
  if (kind !== 'histogram') return { name, help, type: kind, values: series.map(plain) };
  return { name, help, type: kind, values: series.flatMap((one) => buckets(name, one)) };
}

function plain({ labels, value }: MetricSeries): SampleValue {
  return { labels, value };
}

/** Counts become cumulative here; the count is the last bucket, so the two always agree. */
function buckets(name: string, { labels, bounds, counts, value }: MetricSeries): SampleValue[] {
  let total = 0;
  const values: SampleValue[] = counts.map((count, bucket) => {
    total += count;
    const le = bounds[bucket] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  });
  values.push({ metricName: `${name}_sum`, labels, value });
  values.push({ metricName: `${name}_count`, labels, value: total });
  return values;
}

function collectedDelay(delay: DelaySample): Collected {
  const name = 'themis_eventloop_delay_seconds';
  const help = 'Delay of the main event loop; quantiles since the last scrape.';
  const values: SampleValue[] = delay.quantiles.map(({ quantile, seconds }) => ({
    labels: { quantile },
    value: seconds,
  }));
  values.push({ metricName: `${name}_sum`, labels: {}, value: delay.sumSeconds });
  values.push({ metricName: `${name}_count`, labels: {}, value: delay.count });
  return { name, help, type: 'summary', values };
}
