/**
 * Where the bytes of a value lie in its stripes and fragments; arithmetic only, all in bytes.
 *
 *   value    | stripe 0          | stripe 1          | stripe 2: the rest |
 *   stripe   | data 0 | data 1 | ... | data k-1 (zeros at its end) |   parity k ... k+m-1
 *
 * Every stripe but the last holds `stripeBytes` of the value, a multiple of k pages. Within a
 * stripe all fragments are equally long, and fragment i < k holds the bytes from i x length on;
 * what the value does not fill is zeros. So the padded stripe, its data fragments one behind the
 * other, begins with the value's bytes, and a healthy read puts each fragment at its final place.
 *
 * In the slab a stripe is a slot of k + m strides: fragment i from slot + i x stride on, a page for
 * its header, then its data, then zeros up to the next page: as it lies on its device.
 */
import { alignUp, assert } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Code } from './redundancy.js';

/** Fragments are whole cache lines long, so that no kernel has a rest to do. */
const fragmentStep = 64;

export interface BlobLayout extends Code {
  /** Bytes of the value. */
  readonly length: number;
  /** Bytes of the value in every stripe but the last. */
  readonly stripeBytes: number;
}

/** A part of one stripe, in bytes of its padded data. */
export interface StripeRange {
  readonly stripe: number;
  readonly from: number;
  readonly to: number;
}

/** A part of one fragment, in bytes of its data. */
export interface FragmentRange {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Bytes of the value in a full stripe of a new blob: about `blobStripeBytes`, less when the stripe
 * with its parity would take too much of the slab.
 */
export function fullStripeBytes({ data, parity }: Code): number {
  const page = limits.blockBytes;
  const byData = limits.blobStripeBytes / data;
  const bySlot = limits.blobSlotBytesMax / (data + parity) - page;
  return data * page * Math.max(1, Math.floor(Math.min(byData, bySlot) / page));
}

export function layoutOf(code: Code, length: number): BlobLayout {
  return { data: code.data, parity: code.parity, length, stripeBytes: fullStripeBytes(code) };
}

export function stripeCount({ length, stripeBytes }: BlobLayout): number {
  return Math.ceil(length / stripeBytes);
}

/** Bytes of the value in a stripe. */
export function stripeLength({ length, stripeBytes }: BlobLayout, stripe: number): number {
  assert(stripe >= 0 && stripe * stripeBytes < length, 'the stripe is one of the value');
  return Math.min(stripeBytes, length - stripe * stripeBytes);
}

/** Bytes of data in each fragment of a stripe that holds so many bytes of the value. */
export function fragmentLength({ data }: Code, stripeBytes: number): number {
  return alignUp(Math.ceil(stripeBytes / data), fragmentStep);
}

/** From the start of one fragment in the slab to the next: its bytes on a device. */
export function strideOf(fragmentBytes: number): number {
  return limits.blockBytes + alignUp(fragmentBytes, limits.blockBytes);
}

/** Bytes of the slab that a stripe takes. */
export function slotBytes(code: Code, stripeBytes: number): number {
  return (code.data + code.parity) * strideOf(fragmentLength(code, stripeBytes));
}

/** The stripes that hold the bytes [start, end) of the value, and where in them. */
export function stripeRanges(layout: BlobLayout, start: number, end: number): StripeRange[] {
  assert(start >= 0 && start <= end && end <= layout.length, 'the range is one of the value');
  const { stripeBytes } = layout;
  const ranges: StripeRange[] = [];
  for (let at = start; at < end; ) {
    const stripe = Math.floor(at / stripeBytes);
    const base = stripe * stripeBytes;
    const to = Math.min(end - base, stripeBytes);
    ranges.push({ stripe, from: at - base, to });
    at = base + to;
  }
  return ranges;
}

/**
 * The data fragments that hold a part of a stripe whose fragments have `fragmentBytes`, widened to
 * whole blocks of `blockBytes`, since only those can be verified. Adjoining in the padded stripe.
 */
export function fragmentRanges(
  range: StripeRange,
  fragmentBytes: number,
  blockBytes: number,
): FragmentRange[] {
  const ranges: FragmentRange[] = [];
  for (let at = range.from; at < range.to; ) {
    const number = Math.floor(at / fragmentBytes);
    const base = number * fragmentBytes;
    const from = Math.floor((at - base) / blockBytes) * blockBytes;
    const last = Math.min(range.to - base, fragmentBytes);
    ranges.push({ number, from, to: Math.min(alignUp(last, blockBytes), fragmentBytes) });
    at = base + last;
  }
  return ranges;
}
