/**
 * All values that are being written: they share a slab, are admitted or refused, watched for slow
 * devices, and settled when the log has answered. Nothing is allocated before the first.
 */

import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentName } from '../device/index.js';
import type { RandomStream, TimerHandle, Timers } from '../io/index.js';
import { type Kernel, Slab } from '../kernel/index.js';
import type { BlobDevices } from './blob-ports.js';
import { type BlobNames, BlobSession } from './blob-session.js';
import type { BlobCompute } from './blob-tasks.js';
import { BlobWriteStream } from './blob-write-stream.js';
import {
  type BlobDraft,
  BlobWriter,
  type PartSource,
  type WriterListener,
  type WriterParts,
} from './blob-writer.js';
import { DeviceChoice } from './device-choice.js';
import { checkBlobLength } from './manifest.js';
import type { DurableCode } from './redundancy.js';
import { SlabAllocator } from './slab-allocator.js';
import { StripeEncoder } from './stripe-encoder.js';
import { layoutOf } from './stripe-layout.js';
import { tooFewDevices } from './stripe-write.js';
import { ValueSource } from './value-source.js';

export interface WritesParts {
  readonly devices: BlobDevices;
  readonly compute: BlobCompute;
  readonly kernel: Kernel;
  readonly timers: Timers;
  readonly random: RandomStream;
  readonly clusterId: Uint8Array;
  /** Bytes of the slab. */
  readonly memoryBytes: number;
  /** The highest blob that the state or the log names; 0 for none. */
  readonly knownBlobMax: () => Promise<number>;
  /** Fragments that a committed value lacks. */
  readonly incomplete: (missing: readonly FragmentName[]) => void;
}

/** What the first write brings about. */
interface Setting {
  readonly names: BlobNames;
  readonly parts: WriterParts;
}

interface Begun {
  readonly writer: BlobWriter;
  readonly draft: Promise<BlobDraft>;
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: (draft: BlobDraft) => void;
  readonly reject: (error: ThemisError) => void;
}

const tickMs = limits.blobGraceMs / 2;
const writeTicksMax = Math.ceil(limits.blobWriteMs / tickMs);

export class BlobWrites implements WriterListener {
  readonly session: BlobSession;
  readonly #parts: WritesParts;
  readonly #choice: DeviceChoice;
  #setting: Setting | null = null;
  #starting: Promise<Setting> | null = null;
  /** Writers that still have something under way. */
  readonly #active = new Map<BlobWriter, Waiting>();
  /** Values that were admitted and have not ended, and their bytes. */
  #admitted = 0;
  #admittedBytes = 0;
  /** Durable values that wait for the log's answer. */
  readonly #unsettled = new Map<number, BlobWriter>();
  #streams = 0;
  #ticker: TimerHandle | null = null;
  #isClosed = false;
  #onIdle: (() => void) | null = null;

  constructor(parts: WritesParts) {
    this.#parts = parts;
    this.#choice = new DeviceChoice(parts.devices);
    this.session = new BlobSession(parts.devices, parts.knownBlobMax);
  }

  /** Values that are not durable and have not failed. */
  get active(): number {
    return this.#active.size;
  }

  async write(code: DurableCode, value: Uint8Array): Promise<BlobDraft> {
    this.#checkOpen();
    checkBlobLength(layoutOf(code, value.length));
    this.#admit(value.length);
    const setting = this.#setting ?? (await this.#startFor(value.length));
    this.#checkDevices(code, value.length);
    const source = new ValueSource(value, layoutOf(code, 0).stripeBytes);
    const { writer, draft } = this.#begin(code, value.length, source, setting);
    writer.pull();
    return draft;
  }

  async openStream(code: DurableCode): Promise<BlobWriteStream> {
    this.#checkOpen();
    if (this.#streams >= limits.blobStreamsMax) {
      const message = `${this.#streams} streams are being written, the most there may be. Finish one.`;
      throw new ThemisError('THEMIS_OVERLOADED', message);
    }
    this.#admit(0);
    this.#streams += 1;
    const release = (): void => {
      this.#streams -= 1;
    };
    try {
      const setting = this.#setting ?? (await this.#startFor(0));
      this.#checkDevices(code, 0);
      const begin = (source: PartSource): Begun => {
        const begun = this.#begin(code, 0, source, setting);
        begun.draft.then(release, release);
        return begun;
      };
      return new BlobWriteStream(begin, limits.blobBytesMax);
    } catch (error) {
      release();
      throw error;
    }
  }

  settle(blob: number, outcome: 'committed' | 'abandoned'): void {
    const writer = must(this.#unsettled.get(blob), 'a draft is settled once');
    this.#unsettled.delete(blob);
    if (outcome === 'committed') writer.commit();
    else writer.abandon();
  }

  /** Fails what is not durable, and waits until no device uses the memory any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#starting?.catch(() => undefined); // Whoever asked for it is told.
    const closed = new ThemisError(
      'THEMIS_CLOSED',
      'The store was closed before the value was kept.',
    );
    for (const writer of [...this.#active.keys()]) writer.fail(closed);
    if (this.#active.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        // A device that never answers does not keep the store open.
        this.#parts.timers.after(limits.blobWriteMs, resolve);
      });
    }
    this.#ticker?.cancel();
    this.#setting?.parts.slab.close();
  }

  durable(writer: BlobWriter, draft: BlobDraft): void {
    this.#unsettled.set(writer.blob, writer);
    this.#active.get(writer)?.resolve(draft);
  }

  failed(writer: BlobWriter, error: ThemisError): void {
    this.#active.get(writer)?.reject(error);
  }

  ended(writer: BlobWriter): void {
    const waiting = must(this.#active.get(writer), 'a writer ends once');
    this.#active.delete(writer);
    this.#dismiss(waiting.bytes);
    if (this.#active.size === 0) this.#onIdle?.();
  }

  incomplete(missing: readonly FragmentName[]): void {
    this.#parts.incomplete(missing);
  }

  #begin(code: DurableCode, bytes: number, source: PartSource, setting: Setting): Begun {
    const { names, parts } = setting;
    const writer = new BlobWriter(names.next(), code, source, parts, this);
    const draft = new Promise<BlobDraft>((resolve, reject) => {
      this.#active.set(writer, { bytes, resolve, reject });
    });
    this.#ticker ??= this.#parts.timers.every(tickMs, () => this.#tick());
    return { writer, draft };
  }

  #tick(): void {
    if (this.#active.size === 0) {
      this.#ticker?.cancel();
      this.#ticker = null;
    }
    for (const writer of [...this.#active.keys()]) writer.tick(writeTicksMax);
  }

  /** Begins the session and takes the slab. */
  #start(): Promise<Setting> {
    this.#starting ??= this.session.names().then(
      (names) => {
        this.#setting = { names, parts: this.#takeMemory(names.nonce) };
        return this.#setting;
      },
      (error: unknown) => {
        this.#starting = null;
        throw error;
      },
    );
    return this.#starting;
  }

  #takeMemory(nonce: Uint8Array): WriterParts {
    const { devices, compute, kernel, clusterId, memoryBytes, random } = this.#parts;
    const slab = Slab.allocate(memoryBytes);
    const posted = { id: random.u32(), memory: slab.memory, byteLength: slab.byteLength };
    const blockBytes = limits.fragmentBlockBytes;
    const encoder = new StripeEncoder(compute, { slab: posted, clusterId, nonce, blockBytes });
    const allocator = new SlabAllocator(memoryBytes);
    const choice = this.#choice;
    return { devices, choice, kernel, slab, allocator, encoder, blockBytes, nonce };
  }

  #checkOpen(): void {
    if (!this.#isClosed) return;
    throw new ThemisError('THEMIS_CLOSED', 'The store of large values is closed.');
  }

  /** Ends an admitted value early, before anything is copied; checked again stripe by stripe. */
  #checkDevices(code: DurableCode, bytes: number): void {
    const usable = this.#choice.usable(0).length;
    if (usable >= code.data + code.spare) return;
    this.#dismiss(bytes);
    throw tooFewDevices(code, usable, this.#choice);
  }

  #admit(bytes: number): void {
    const isFull = this.#admitted >= limits.blobWritersMax;
    const isLarge = this.#admittedBytes + bytes > limits.blobWritersBytesMax;
    if (isFull || (isLarge && this.#admitted > 0)) {
      const message = `${this.#admitted} large values are being written. Retry later, or write fewer.`;
      throw new ThemisError('THEMIS_OVERLOADED', message);
    }
    this.#admitted += 1;
    this.#admittedBytes += bytes;
  }

  #dismiss(bytes: number): void {
    this.#admitted -= 1;
    this.#admittedBytes -= bytes;
  }

  /** The setting for a value that was admitted, which ends if there is none. */
  async #startFor(bytes: number): Promise<Setting> {
    try {
      const setting = await this.#start();
      this.#checkOpen();
      return setting;
    } catch (error) {
      this.#dismiss(bytes);
      throw error;
    }
  }
}
