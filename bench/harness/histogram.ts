/**
 * Latency histogram in the manner of HdrHistogram: log-linear buckets in one typed array.
 *
 * Values are nanoseconds. Below 128 every value has its own bucket; above, each power of two is
 * cut into 128 equal buckets, so a bucket is never wider than 1/128 of the values in it, and the
 * middle of the bucket, which is what a percentile returns, is off by at most 0.4 %.
 *
 *   value 1,000 = 0b1111101000: octave 2^9, shift 2, sub-bucket 250 - 128 = 122,
 *   bucket 128 + 2 * 128 + 122 = 506, which holds 1,000 to 1,003 and reports 1,001.5
 *
 * The largest value is 2^42 - 1 ns (73 minutes); larger ones are counted there, and the exact
 * maximum is kept beside the buckets. Counts are doubles: exact up to 2^53.
 */
const subBuckets = 128;
const octaveFirst = 7;
const octaveLast = 41;
const bucketsCount = subBuckets * (octaveLast - octaveFirst + 2);
const valueMax = 2 ** (octaveLast + 1) - 1;

/** What a report shows of a histogram, in microseconds. */
export interface Percentiles {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

export class Histogram {
  readonly #counts = new Float64Array(bucketsCount);
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** The exact smallest value, 0 while empty. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  /** The exact largest value, 0 while empty. */
  get max(): number {
    return this.#max;
  }

  /** Counts one latency, or `times` equal ones, in nanoseconds. Negative values count as 0. */
  record(nanoseconds: number, times = 1): void {
    const value = nanoseconds > 0 ? Math.round(nanoseconds) : 0;
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#count += times;
    if (value > this.#max) this.#max = value;
    if (value < this.#min) this.#min = value;
  }

  merge(other: Histogram): void {
    for (let i = 0; i < bucketsCount; i++) {
      this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number);
    }
    this.#count += other.#count;
    if (other.#max > this.#max) this.#max = other.#max;
    if (other.#min < this.#min) this.#min = other.#min;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }

  /**
   * The value at or below which `percent` (0 to 100) of the recorded values lie, in nanoseconds:
   * the nearest-rank definition, so `percentile(100)` is the exact maximum. 0 while empty.
   */
  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.min(this.#count, Math.max(1, Math.ceil((percent / 100) * this.#count)));
    if (rank === this.#count) return this.#max;
    let seen = 0;
    for (let bucket = 0; bucket < bucketsCount; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
    }
    return this.#max;
  }

  percentiles(): Percentiles {
    return {
      p50Us: this.percentile(50) / 1000,
      p90Us: this.percentile(90) / 1000,
      p99Us: this.percentile(99) / 1000,
      p999Us: this.percentile(99.9) / 1000,
      maxUs: this.#max / 1000,
    };
  }
}

function bucketOf(value: number): number {
  if (value < subBuckets) return value;
  const bounded = Math.min(value, valueMax);
  if (bounded < 2 ** 32) {
    const shift = 31 - Math.clz32(bounded) - octaveFirst;
    return subBuckets * shift + (bounded >>> shift);
  }
  const shift = 63 - Math.clz32(Math.floor(bounded / 2 ** 32)) - octaveFirst;
  return subBuckets * shift + Math.floor(bounded / 2 ** shift);
}

function middleOf(bucket: number): number {
  if (bucket < 2 * subBuckets) return bucket;
  const shift = Math.floor(bucket / subBuckets) - 1;
  const width = 2 ** shift;
  return (bucket - subBuckets * shift) * width + (width - 1) / 2;
}
