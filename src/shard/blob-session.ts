/**
 * Names for new blobs: session x 2^32 + counter, where a session is one open of the folder that
 * writes. It is begun with the first blob, so that a store without large values pays nothing.
 */
import { assert } from '../base/index.js';
import type { BlobDevices } from './blob-ports.js';

export interface BlobNames {
  readonly nonce: Uint8Array;
  /** A name that was never given before. */
  next(): number;
}

const countersPerSession = 2 ** 32;

export class BlobSession {
  readonly #devices: Pick<BlobDevices, 'startSession'>;
  readonly #knownBlobMax: () => Promise<number>;
  #names: Promise<BlobNames> | null = null;
  #first: number | null = null;

  constructor(
    devices: Pick<BlobDevices, 'startSession'>,
    /** The highest blob that the state or the log names; 0 for none. */
    knownBlobMax: () => Promise<number>,
  ) {
    this.#devices = devices;
    this.#knownBlobMax = knownBlobMax;
  }

  /** True for blobs of sessions before this one. */
  isOlder(blob: number): boolean {
    return this.#first === null || blob < this.#first;
  }

  /** Begins the session unless it was; durable when it resolves. A failure is tried again later. */
  names(): Promise<BlobNames> {
    this.#names ??= this.#start().catch((error: unknown) => {
      this.#names = null;
      throw error;
    });
    return this.#names;
  }

  async #start(): Promise<BlobNames> {
    const { session, nonce } = await this.#devices.startSession(await this.#knownBlobMax());
    const first = session * countersPerSession;
    assert(Number.isSafeInteger(first + countersPerSession), 'sessions last for a lifetime');
    this.#first = first;
    let counter = 0;
    const next = (): number => {
      counter += 1;
      assert(counter < countersPerSession, 'a session has names enough');
      return first + counter;
    };
    return { nonce, next };
  }
}
