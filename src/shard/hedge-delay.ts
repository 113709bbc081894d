/**
 * How long to wait for a read before a second one is started beside it: an estimate of the usual
 * time and of how far reads stray from it, as TCP has for its retransmissions (RFC 6298), for work
 * of any size.
 */
import { MiB } from '../base/index.js';
import { limits } from '../config/index.js';

/** Gains of RFC 6298, and its factor for the deviation. */
const meanGain = 1 / 8;
const deviationGain = 1 / 4;
const deviations = 4;

export class HedgeDelay {
  #mean = 0;
  #deviation = 0;
  #isFirst = true;

  /** Milliseconds after which a read of so many bytes is unusually late. */
  after(bytes: number): number {
    const each = this.#mean + deviations * this.#deviation;
    return Math.max(limits.blobHedgeMsMin, each * unitsOf(bytes));
  }

  /** A read of so many bytes took so long. */
  observe(bytes: number, tookMs: number): void {
    const each = tookMs / unitsOf(bytes);
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#mean = each;
      this.#deviation = each / 2;
      return;
    }
    const error = Math.abs(each - this.#mean);
    this.#deviation += deviationGain * (error - this.#deviation);
    this.#mean += meanGain * (each - this.#mean);
  }
}

/** A read costs something before its first byte: as much as a MiB, about. */
function unitsOf(bytes: number): number {
  return 1 + bytes / MiB;
}
