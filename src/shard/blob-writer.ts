/**
 * Writes one value: cuts it into stripes as room in the slab becomes free, and says when enough is
 * durable.
 *
 *   writing ---> finished ---> durable (draft) ---> committed | abandoned
 *      \------------\--------> failed (forgotten)
 *
 * It is durable when every stripe has all its fragments; or when every stripe has data + spare and
 * either all devices have answered or the grace time for slow ones is over. Fragments of a value
 * that failed or was abandoned are forgotten, those included that a slow device writes later.
 */

import { assert, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentName } from '../device/index.js';
import type { Kernel, Slab } from '../kernel/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { DeviceChoice } from './device-choice.js';
import { checkBlobLength, encodeManifest, type Manifest } from './manifest.js';
import type { DurableCode } from './redundancy.js';
import type { SlabAllocator, Withdraw } from './slab-allocator.js';
import type { StripeEncoder } from './stripe-encoder.js';
import { fragmentLength, fullStripeBytes, slotBytes, strideOf } from './stripe-layout.js';
import { type StripeListener, StripeWrite } from './stripe-write.js';

/** A value that is durable and has no name yet. */
export interface BlobDraft {
  readonly blob: number;
  /** What goes through the log as the value of the key. */
  readonly manifest: Uint8Array;
}

/** Where the parts of a value come from, one stripe at a time. */
export interface PartSource {
  /**
   * The next part: a full stripe, or less for the last. `wait`: none is there yet, and `pull` is
   * called when one is. The bytes stay as they are until `copied` of that part.
   */
  next(): Uint8Array | 'wait' | 'end';
  copied(): void;
}

export interface WriterParts {
  readonly devices: BlobDevices;
  readonly choice: DeviceChoice;
  readonly kernel: Kernel;
  readonly slab: Slab;
  readonly allocator: SlabAllocator;
  readonly encoder: StripeEncoder;
  readonly blockBytes: number;
  readonly nonce: Uint8Array;
}

/** What a writer tells the store. */
export interface WriterListener {
  durable(writer: BlobWriter, draft: BlobDraft): void;
  failed(writer: BlobWriter, error: ThemisError): void;
  /** Nothing of it is under way any more; comes after `durable` or `failed`. */
  ended(writer: BlobWriter): void;
  /** A committed value lacks these fragments. */
  incomplete(missing: readonly FragmentName[]): void;
}

type State = 'writing' | 'finished' | 'durable' | 'committed' | 'failed' | 'abandoned';

export class BlobWriter implements StripeListener {
  readonly blob: number;
  readonly code: DurableCode;
  readonly stripeBytes: number;
  readonly #parts: WriterParts;
  readonly #source: PartSource;
  readonly #listener: WriterListener;
  readonly #digests: Uint32Array[] = [];
  /** Stripes whose slot is taken. */
  readonly #underWay = new Set<StripeWrite>();
  readonly #missing: FragmentName[] = [];
  #state: State = 'writing';
  #withdraw: Withdraw | null = null;
  #isPulling = false;
  #length = 0;
  #stripes = 0;
  #insufficient = 0;
  /** The tick at which the value became sufficient, while devices are awaited. */
  #sufficientSince: number | null = null;
  /** The tick of the last progress. */
  #tick = 0;
  #progress = 0;
  #hasEnded = false;

  constructor(
    blob: number,
    code: DurableCode,
    source: PartSource,
    parts: WriterParts,
    listener: WriterListener,
  ) {
    this.blob = blob;
    this.code = code;
    this.stripeBytes = fullStripeBytes(code);
    this.#source = source;
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Takes what the source has, as far as there is room. */
  pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    while (this.#state === 'writing' && this.#withdraw === null) {
      if (this.#underWay.size >= limits.blobStreamStripes) break;
      const part = this.#source.next();
      if (part === 'wait') break;
      if (part === 'end') {
        this.#state = 'finished';
        this.#checkDurable();
      } else {
        this.#request(part);
      }
    }
    this.#isPulling = false;
  }

  /** Ends a value that is not durable yet. */
  fail(error: ThemisError): void {
    if (this.#state !== 'writing' && this.#state !== 'finished') return;
    this.#state = 'failed';
    this.#withdraw?.();
    this.#withdraw = null;
    this.#forget();
    this.#listener.failed(this, error);
    this.#checkEnded();
  }

  /** The log has the name: what is missing goes to repair, now or when a slow device fails. */
  commit(): void {
    assert(this.#state === 'durable', 'what is committed is durable and was not settled before');
    this.#state = 'committed';
    for (const stripe of this.#underWay) this.#missing.push(...stripe.missing());
    this.#tellMissing();
  }

  /** The name was not written: nothing of the value is kept. */
  abandon(): void {
    assert(this.#state === 'durable', 'what is abandoned is durable and was not settled before');
    this.#state = 'abandoned';
    this.#forget();
  }

  /**
   * Time passes, in ticks of half the grace time. Devices that have kept the value waiting for two
   * are left out from now on, and no longer waited for if it is sufficient.
   */
  tick(writeTicksMax: number): void {
    this.#tick += 1;
    if (this.#underWay.size === 0) this.#progress = this.#tick;
    if (this.#state === 'failed' || this.#tick - this.#progress < 2) return;
    for (const stripe of this.#underWay) {
      for (const device of stripe.pendingDevices()) this.#parts.choice.lags(device);
    }
    if (this.#sufficientSince !== null && this.#tick - this.#sufficientSince >= 2) {
      this.#becomeDurable();
    }
    if (this.#tick - this.#progress >= writeTicksMax) this.#giveUp();
  }

  sufficient(): void {
    this.#insufficient -= 1;
    this.#checkDurable();
  }

  insufficient(_stripe: StripeWrite, error: ThemisError): void {
    this.fail(error);
  }

  answered(stripe: StripeWrite): void {
    this.#underWay.delete(stripe);
    this.#progress = this.#tick;
    this.#parts.allocator.free(stripe.shape.offset);
    if (this.#state !== 'failed' && this.#state !== 'abandoned') {
      const before = this.#missing.length;
      this.#missing.push(...stripe.missing());
      if (this.#state === 'committed' && this.#missing.length > before) this.#tellMissing();
    }
    this.#checkDurable();
    this.#checkEnded();
    this.pull();
  }

  #request(part: Uint8Array): void {
    const stripe = this.#stripes;
    this.#stripes += 1;
    this.#insufficient += 1;
    this.#length += part.length;
    let isGranted = false;
    const withdraw = this.#parts.allocator.request(slotBytes(this.code, part.length), (offset) => {
      isGranted = true;
      this.#withdraw = null;
      this.#encode({ stripe, length: part.length, offset }, part);
      this.pull();
    });
    if (!isGranted) this.#withdraw = withdraw;
  }

  #encode(
    shape: { readonly stripe: number; readonly length: number; readonly offset: number },
    part: Uint8Array,
  ): void {
    const { blob, code } = this;
    const { data, parity } = code;
    const write = new StripeWrite({ ...shape, code, blob }, this.#parts, this);
    this.#underWay.add(write);
    fillSlot(this.#parts.slab.bytes, shape.offset, code, part);
    this.#source.copied();
    this.#parts.encoder.add(
      { ...shape, blob, data, parity },
      (digests) => {
        this.#digests[shape.stripe] = digests;
        if (this.#state === 'failed') this.answered(write);
        else write.place();
      },
      (error) => {
        this.fail(error);
        this.answered(write);
      },
    );
  }

  #checkDurable(): void {
    if (this.#state !== 'finished' || this.#insufficient > 0) return;
    if (this.#underWay.size === 0) this.#becomeDurable();
    else this.#sufficientSince ??= this.#tick;
  }

  #becomeDurable(): void {
    const { data, parity } = this.code;
    const manifest: Manifest = {
      blob: this.blob,
      nonce: this.#parts.nonce,
      blockBytes: this.#parts.blockBytes,
      data,
      parity,
      length: this.#length,
      stripeBytes: this.stripeBytes,
      digests: joined(this.#digests, this.#stripes * (data + parity)),
    };
    try {
      checkBlobLength(manifest);
    } catch (error) {
      assert(error instanceof ThemisError, 'limits raise typed errors');
      this.fail(error);
      return;
    }
    this.#sufficientSince = null;
    this.#state = 'durable';
    const bytes = encodeManifest(this.#parts.kernel, manifest);
    this.#listener.durable(this, { blob: this.blob, manifest: bytes });
    this.#checkEnded();
  }

  /** Devices did not answer for so long that they count as failed. */
  #giveUp(): void {
    for (const stripe of this.#underWay) {
      for (const device of stripe.pendingDevices()) {
        const message = `Device ${device} has not answered a write for ${limits.blobWriteMs} ms.`;
        this.#parts.devices.reportFault(device, new ThemisError('THEMIS_IO', message));
      }
    }
    const message = `Devices did not take blob ${this.blob} within ${limits.blobWriteMs} ms. Retry.`;
    this.fail(new ThemisError('THEMIS_DEADLINE_EXCEEDED', message));
  }

  #forget(): void {
    const { data, parity } = this.code;
    this.#parts.devices.forgetBlob(this.blob, this.#stripes, data + parity);
  }

  #tellMissing(): void {
    const missing = this.#missing.splice(0);
    const isAbsent = ({ blob, stripe, number }: FragmentName) =>
      this.#parts.devices.locate(blob, stripe, number) === null;
    const absent = missing.filter(isAbsent);
    if (absent.length > 0) this.#listener.incomplete(absent);
  }

  #checkEnded(): void {
    if (this.#underWay.size > 0 || this.#hasEnded) return;
    if (this.#state === 'writing' || this.#state === 'finished') return;
    // What a slow device wrote after it was forgotten.
    if (this.#state === 'failed' || this.#state === 'abandoned') this.#forget();
    this.#hasEnded = true;
    this.#listener.ended(this);
  }
}

/** Copies a part of the value to the places of its data fragments. */
function fillSlot(slab: Uint8Array, offset: number, code: DurableCode, part: Uint8Array): void {
  const bytes = fragmentLength(code, part.length);
  const stride = strideOf(bytes);
  for (let number = 0; number * bytes < part.length; number++) {
    const piece = part.subarray(number * bytes, (number + 1) * bytes);
    slab.set(piece, offset + number * stride + limits.blockBytes);
  }
}

function joined(parts: readonly Uint32Array[], length: number): Uint32Array {
  const whole = new Uint32Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
