/**
 * The line of stripes that wait to be encoded. What comes while tasks run is the next task, so that
 * there is one message for many stripes under load, and no waiting without.
 */
import type { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { BlobCompute } from './blob-tasks.js';
import type { EncodeArgument, StripeToEncode } from './encode-stripes.js';
import { asThemisError } from './task-error.js';

interface Waiting {
  readonly stripe: StripeToEncode;
  readonly done: (digests: Uint32Array) => void;
  readonly failed: (error: ThemisError) => void;
}

export class StripeEncoder {
  readonly #compute: BlobCompute;
  readonly #common: Omit<EncodeArgument, 'stripes'>;
  #waiting: Waiting[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(compute: BlobCompute, common: Omit<EncodeArgument, 'stripes'>) {
    this.#compute = compute;
    this.#common = common;
  }

  /** Encodes a stripe; calls back with the digests of its fragments, or with an error. */
  add(
    stripe: StripeToEncode,
    done: (digests: Uint32Array) => void,
    failed: (error: ThemisError) => void,
  ): void {
    this.#waiting.push({ stripe, done, failed });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // What else this turn of the event loop brings goes into the same task.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#compute.threads && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#run(this.#takeBatch());
    }
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { stripe } of this.#waiting) {
      if (count > 0 && bytes + stripe.length > limits.blobEncodeBytes) break;
      bytes += stripe.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const stripes = batch.map(({ stripe }) => stripe);
    try {
      const digests = await this.#compute.run('encode-stripes', { ...this.#common, stripes });
      let at = 0;
      for (const { stripe, done } of batch) {
        const width = stripe.data + stripe.parity;
        done(digests.slice(at, at + width));
        at += width;
      }
    } catch (error) {
      for (const { failed } of batch) failed(asThemisError(error, 'encoding a value'));
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }
}
