/**
 * What repair does in compute threads, a stripe at a time: looking whether every fragment is what
 * was written (scrub), and making those anew that are not (rebuild).
 *
 * Invariant: a fragment that was made anew has the digest that the manifest names, or the task says
 * that it has not; nothing is ever made from bytes that were not verified.
 */
import { assert, must } from '../base/index.js';
import { limits } from '../config/index.js';
import { type FragmentFailure, type ReadPlace, sealFragment } from '../device/index.js';
import type { Slab } from '../kernel/index.js';
import type { Code } from './redundancy.js';
import { fragmentLength, strideOf } from './stripe-layout.js';
import type { PostedSlab, TaskSetting } from './task-setting.js';

/** A stripe, and where its fragments are. */
export interface StripeToCheck extends Code {
  readonly slab: PostedSlab;
  /** Of a slot in the slab that holds the whole stripe, headers included. */
  readonly offset: number;
  readonly clusterId: Uint8Array;
  readonly blob: number;
  readonly stripe: number;
  /** Bytes of the value in it. */
  readonly length: number;
  /** For each fragment, from the manifest. */
  readonly digests: Uint32Array;
  /** For each fragment; null for one that is nowhere, or that is not to be read. */
  readonly places: readonly (ReadPlace | null)[];
}

/** A fragment that is not what was written, or that cannot be read. */
export type StripeFinding = { readonly number: number } & FragmentFailure;

export interface StripeCheck {
  /** Fragments that are not what was written, or cannot be read. */
  readonly findings: readonly StripeFinding[];
  /** Bytes that were read from devices. */
  readonly bytes: number;
  /** Fragments that are sound. */
  readonly sound: number;
  /** All fragments are sound, and yet the parity is not that of the data. */
  readonly parityDiffers: boolean;
}

/** Reads every fragment that is there past the system's cache, and verifies all there is to. */
export function scrubStripe(argument: StripeToCheck, setting: TaskSetting): StripeCheck {
  const { data, parity, offset, places } = argument;
  const slab = setting.slabOf(argument.slab);
  const reader = setting.readerOf(argument.clusterId);
  const { bytes, stride } = sizesOf(argument);
  const findings: StripeFinding[] = [];
  let read = 0;
  let sound = 0;
  for (const [number, place] of places.entries()) {
    if (place === null) continue;
    read += place.bytes;
    const found = reader.check(place, expectedOf(argument, number));
    if (found.kind !== 'ok') {
      findings.push({ number, ...found });
      continue;
    }
    sound += 1;
    slab.bytes.set(found.bytes.subarray(0, stride), offset + number * stride);
  }
  const isWhole = sound === data + parity && parity > 0;
  const start = offset + limits.blockBytes;
  const parityDiffers =
    isWhole && setting.coderOf(argument).verify(slab, start, stride, bytes) >= 0;
  return { findings, bytes: read, sound, parityDiffers };
}

export interface StripeToRebuild extends StripeToCheck {
  readonly nonce: Uint8Array;
  readonly blockBytes: number;
  /** Fragments to make anew; their places are not read. */
  readonly wanted: readonly number[];
}

export type StripeRebuild = {
  readonly findings: readonly StripeFinding[];
  readonly bytes: number;
} & (
  | { readonly kind: 'rebuilt' }
  /** Too few sound fragments are left. */
  | { readonly kind: 'lost' }
  /** What was computed is not what the manifest names: nothing may be written. */
  | { readonly kind: 'inconsistent'; readonly number: number }
);

/** Makes the wanted fragments in their places of the slot, sealed as they are written to devices. */
export function rebuildStripe(argument: StripeToRebuild, setting: TaskSetting): StripeRebuild {
  const { data, parity, offset, wanted } = argument;
  assert(parity > 0, 'what has no redundancy cannot be rebuilt');
  const slab = setting.slabOf(argument.slab);
  const { bytes, stride } = sizesOf(argument);
  const sources = readSources(argument, setting, slab);
  const { findings, bytes: read, present, count } = sources;
  if (count < data) return { kind: 'lost', findings, bytes: read };
  const mask = wanted.reduce((bits, number) => bits | (1n << BigInt(number)), 0n);
  const start = offset + limits.blockBytes;
  setting.coderOf(argument).reconstruct(slab, start, stride, bytes, present, mask);
  for (const number of wanted) {
    const digest = seal(argument, setting, slab, number);
    if (digest !== argument.digests[number]) {
      return { kind: 'inconsistent', number, findings, bytes: read };
    }
  }
  return { kind: 'rebuilt', findings, bytes: read };
}

/** Reads as many sound fragments as the code needs into their places of the slot. */
function readSources(argument: StripeToRebuild, setting: TaskSetting, slab: Slab) {
  const { data, offset, places, wanted } = argument;
  const reader = setting.readerOf(argument.clusterId);
  const { bytes, stride } = sizesOf(argument);
  const findings: StripeFinding[] = [];
  let present = 0n;
  let count = 0;
  let read = 0;
  for (const [number, place] of places.entries()) {
    if (count === data) break;
    if (place === null || wanted.includes(number)) continue;
    const target = offset + number * stride + limits.blockBytes;
    const expected = expectedOf(argument, number);
    const found = reader.read(place, expected, { from: 0, to: bytes }, slab.bytes, target);
    read += place.bytes;
    if (found.kind !== 'ok') {
      findings.push({ number, ...found });
      continue;
    }
    present |= 1n << BigInt(number);
    count += 1;
  }
  return { findings, bytes: read, present, count };
}

/** Seals a fragment whose data is in place; returns its digest. */
function seal(argument: StripeToRebuild, setting: TaskSetting, slab: Slab, number: number): number {
  const { clusterId, nonce, blob, stripe, data, parity, length, blockBytes, offset } = argument;
  const { bytes, stride } = sizesOf(argument);
  const header = offset + number * stride;
  const checksums = new Uint32Array(Math.ceil(bytes / blockBytes));
  for (let block = 0; block < checksums.length; block++) {
    const from = block * blockBytes;
    const count = Math.min(blockBytes, bytes - from);
    const start = header + limits.blockBytes + from;
    checksums[block] = setting.kernel.crc32c(slab.bytes, start, count, 0);
  }
  const fields = { clusterId, nonce, blob, stripe, number, data, parity, bytes, blockBytes };
  return sealFragment(
    setting.kernel,
    slab.bytes,
    header,
    { ...fields, stripeBytes: length },
    checksums,
  );
}

function expectedOf({ blob, stripe, digests }: StripeToCheck, number: number) {
  return { blob, stripe, number, digest: must(digests[number], 'a digest for each fragment') };
}

function sizesOf(stripe: StripeToCheck): { readonly bytes: number; readonly stride: number } {
  const bytes = fragmentLength(stripe, stripe.length);
  return { bytes, stride: strideOf(bytes) };
}
