/** Clients that read large values all the while, and compare every byte with the ledger. */
import { ThemisError } from '../../../base/index.js';
import type { RandomStream } from '../../../io/index.js';
import { LatencyRecorder, type LatencySummary } from '../latency.js';
import type { Store } from '../store.js';
import { runLanes } from './lanes.js';
import { digestOf } from './ledger.js';
import { now, type Scene } from './scene.js';

export interface ReadsSoFar {
  readonly reads: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly latency: LatencySummary;
}

export class Readers {
  readonly #scene: Scene;
  readonly #store: Store;
  readonly #keys: readonly string[];
  readonly #random: RandomStream;
  readonly #lanes: Promise<void>;
  #isStopped = false;
  #failure: unknown = null;
  #latency = new LatencyRecorder();
  #bytes = 0;
  #since: number;

  /** Begins to read. */
  constructor(scene: Scene, store: Store, keys: readonly string[], lanes: number) {
    this.#scene = scene;
    this.#store = store;
    this.#keys = keys;
    this.#random = scene.context.environment.random(scene.seed).stream('readers');
    this.#since = now(scene);
    this.#lanes = runLanes(lanes, this.#turns(), () => this.#read()).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** What was read since the beginning, or since the last `next`. */
  get soFar(): ReadsSoFar {
    const latency = this.#latency.summary();
    const durationMs = now(this.#scene) - this.#since;
    return { reads: latency.count, bytes: this.#bytes, durationMs, latency };
  }

  /** What was read until now; counting begins anew. Throws what ended the readers. */
  next(): ReadsSoFar {
    this.check();
    const { soFar } = this;
    this.#latency = new LatencyRecorder();
    this.#bytes = 0;
    this.#since = now(this.#scene);
    return soFar;
  }

  /** Throws when a read failed, or gave one wrong byte. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Resolves when no read is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#lanes;
  }

  *#turns(): Generator<void> {
    while (!this.#isStopped && !this.#scene.context.signal.aborted) yield;
  }

  async #read(): Promise<void> {
    const key = this.#keys[this.#random.below(this.#keys.length)] as string;
    const beganAt = now(this.#scene);
    const value = await this.#store.get(Buffer.from(key));
    this.#latency.record(now(this.#scene) - beganAt);
    this.#bytes += value?.length ?? 0;
    const fault = this.#scene.ledger.check(key, value === undefined ? null : digestOf(value));
    if (fault !== null) throw new ThemisError('THEMIS_STATE_CORRUPT', `a client read: ${fault}`);
  }
}
