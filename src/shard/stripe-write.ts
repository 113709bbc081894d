/**
 * One stripe on its way: from its slot in the slab to as many devices as it has fragments. A device
 * that refuses a fragment is replaced by one that has none of this stripe yet, while there is one.
 *
 *   encoded -> placed -> sufficient (data + spare durable) -> answered (no device reads the slot)
 *                    \-> insufficient: so many refused that it cannot become sufficient
 */

import { assert, must, ThemisError } from '../base/index.js';
import type { FragmentMemory, FragmentName } from '../device/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { DeviceChoice } from './device-choice.js';
import { nowhere, placeFragments } from './fragment-placement.js';
import type { DurableCode } from './redundancy.js';
import { fragmentLength, strideOf } from './stripe-layout.js';

export interface StripeParts {
  readonly devices: Pick<BlobDevices, 'append'>;
  readonly choice: DeviceChoice;
  readonly slab: FragmentMemory;
}

export interface StripeListener {
  /** Enough fragments are durable. Called once, before `answered`. */
  sufficient(stripe: StripeWrite): void;
  /** It will never be sufficient. Called at most once; devices may still read the slot. */
  insufficient(stripe: StripeWrite, error: ThemisError): void;
  /** Every device has answered: the slot may be used again. Called once. */
  answered(stripe: StripeWrite): void;
}

export interface StripeShape {
  readonly code: DurableCode;
  readonly blob: number;
  readonly stripe: number;
  /** Bytes of the value in it. */
  readonly length: number;
  /** Of its slot in the slab. */
  readonly offset: number;
}

export class StripeWrite {
  readonly shape: StripeShape;
  readonly #parts: StripeParts;
  readonly #listener: StripeListener;
  readonly #stride: number;
  /** The device of each fragment, `nowhere` when none took it. */
  #devices: Int32Array = new Int32Array(0);
  readonly #isPending: boolean[] = [];
  /** Devices that were handed a fragment of this stripe, whatever they answered. */
  readonly #asked = new Set<number>();
  #pending = 0;
  #durable = 0;
  #verdict: 'open' | 'sufficient' | 'insufficient' = 'open';
  #lastError: ThemisError | null = null;

  constructor(shape: StripeShape, parts: StripeParts, listener: StripeListener) {
    this.shape = shape;
    this.#parts = parts;
    this.#listener = listener;
    this.#stride = strideOf(fragmentLength(shape.code, shape.length));
  }

  /** Hands the encoded fragments to devices. */
  place(): void {
    const { code, blob, stripe } = this.shape;
    const usable = this.#parts.choice.usable(code.data + code.spare);
    const devices = placeFragments(code, usable, blob, stripe);
    if (devices === null) {
      this.#judge(tooFewDevices(code, usable.length, this.#parts.choice));
      this.#listener.answered(this);
      return;
    }
    this.#devices = devices;
    // Counted before any is sent: a device may refuse at once.
    const placed = [...devices.keys()].filter((number) => devices[number] !== nowhere);
    this.#pending = placed.length;
    for (const number of placed) this.#asked.add(must(devices[number], 'a device each'));
    for (const number of placed) this.#append(number, must(devices[number], 'a device each'));
  }

  /** Devices that have not answered yet. */
  *pendingDevices(): Iterable<number> {
    for (const [number, device] of this.#devices.entries()) {
      if (this.#isPending[number] === true) yield device;
    }
  }

  /** Fragments that are not durable, so far. */
  *missing(): Iterable<FragmentName> {
    const { blob, stripe } = this.shape;
    for (const [number, device] of this.#devices.entries()) {
      const isDurable = device !== nowhere && this.#isPending[number] !== true;
      if (!isDurable) yield { blob, stripe, number };
    }
  }

  #append(number: number, device: number): void {
    const { blob, stripe, offset } = this.shape;
    this.#isPending[number] = true;
    this.#asked.add(device);
    const start = offset + number * this.#stride;
    const name = { blob, stripe, number };
    const { devices, slab } = this.#parts;
    devices.append(device, name, slab, start, this.#stride, (error) => {
      this.#answer(number, device, error);
    });
  }

  #answer(number: number, device: number, error: ThemisError | null): void {
    assert(this.#isPending[number] === true, 'a device answers once');
    this.#isPending[number] = false;
    this.#parts.choice.answered(device);
    if (error === null) {
      this.#durable += 1;
    } else {
      this.#lastError = error;
      const other = this.#verdict === 'insufficient' ? undefined : this.#anotherDevice();
      this.#devices[number] = other ?? nowhere;
      if (other !== undefined) {
        this.#append(number, other);
        return;
      }
    }
    this.#pending -= 1;
    this.#judge(null);
    if (this.#pending === 0) this.#listener.answered(this);
  }

  /** A usable device that has, and was asked for, nothing of this stripe. */
  #anotherDevice(): number | undefined {
    const { code } = this.shape;
    const usable = this.#parts.choice.usable(code.data + code.spare);
    return usable.find((device) => !this.#asked.has(device));
  }

  #judge(refusal: ThemisError | null): void {
    if (this.#verdict !== 'open') return;
    const { code } = this.shape;
    const least = code.data + code.spare;
    if (this.#durable >= least) {
      this.#verdict = 'sufficient';
      this.#listener.sufficient(this);
    } else if (this.#durable + this.#pending < least) {
      this.#verdict = 'insufficient';
      this.#listener.insufficient(this, refusal ?? this.#tooFewDurable());
    }
  }

  #tooFewDurable(): ThemisError {
    const cause = this.#lastError;
    if (cause?.code === 'THEMIS_DEVICE_FULL') return cause;
    const { code, blob, stripe } = this.shape;
    const message =
      `Only ${this.#durable} of the ${code.data + code.spare} fragments that stripe ${stripe} of ` +
      `blob ${blob} needs became durable: ${cause?.message ?? 'devices refused'}`;
    return new ThemisError('THEMIS_DEVICES_TOO_FEW', message, cause);
  }
}

/** The error of a write that finds too few usable devices. */
export function tooFewDevices(
  code: DurableCode,
  usable: number,
  choice: DeviceChoice,
): ThemisError {
  const why = choice.describe();
  const message =
    `A write with redundancy ${code.data}+${code.parity} needs ${code.data + code.spare} usable ` +
    `devices; there are ${usable}${why === '' ? '' : ` (${why})`}. Repair or replace devices.`;
  return new ThemisError('THEMIS_DEVICES_TOO_FEW', message);
}
