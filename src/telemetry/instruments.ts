/**
 * What hot code holds: a counter, a gauge, a histogram. Each is a window on slots of an arena.
 *
 * The slots are 64-bit floats, aligned, with one writer each: a reader in another thread sees an
 * old or a new number and never half of one. Counts are exact up to 2^53.
 */

/** Only grows. `add` takes numbers from 0. */
export class Counter {
  readonly #slots: Float64Array;
  readonly #at: number;

  constructor(slots: Float64Array, at: number) {
    this.#slots = slots;
    this.#at = at;
  }

  inc(): void {
    (this.#slots[this.#at] as number)++;
  }

  add(amount: number): void {
    (this.#slots[this.#at] as number) += amount;
  }
}

/** Goes up and down. Set it in one lane only: a reader adds the lanes up. */
export class Gauge {
  readonly #slots: Float64Array;
  readonly #at: number;

  constructor(slots: Float64Array, at: number) {
    this.#slots = slots;
    this.#at = at;
  }

  set(value: number): void {
    this.#slots[this.#at] = value;
  }

  add(amount: number): void {
    (this.#slots[this.#at] as number) += amount;
  }
}

/**
 * Counts of observations by upper bound. Slots: one for each bound, one for what is above all of
 * them, and the sum of all observations.
 */
export class Histogram {
  readonly #slots: Float64Array;
  readonly #at: number;
  readonly #bounds: Float64Array;

  constructor(slots: Float64Array, at: number, bounds: readonly number[]) {
    this.#slots = slots;
    this.#at = at;
    this.#bounds = Float64Array.from(bounds);
  }

  /** Bounds are inclusive, as Prometheus has it. Negative numbers and NaN count as 0. */
  observe(value: number): void {
    let seen = 0;
    if (value > 0) seen = value;
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seen <= (bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    (this.#slots[this.#at + low] as number)++;
    (this.#slots[this.#at + bounds.length + 1] as number) += seen;
  }
}
