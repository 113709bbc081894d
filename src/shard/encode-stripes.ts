/**
 * Turns stripes that lie in the slab into fragments: zeros where the value ends, parity, block
 * checksums, headers; all in place, so that each fragment is then written as it lies there.
 */
import { limits } from '../config/index.js';
import { sealFragment } from '../device/index.js';
import type { Slab } from '../kernel/index.js';
import type { Code } from './redundancy.js';
import { fragmentLength, strideOf } from './stripe-layout.js';
import type { PostedSlab, TaskSetting } from './task-setting.js';

/** A stripe whose part of the value is in its data fragments. */
export interface StripeToEncode extends Code {
  /** Of its slot in the slab. */
  readonly offset: number;
  readonly blob: number;
  readonly stripe: number;
  /** Bytes of the value in it, from 1. */
  readonly length: number;
}

export interface EncodeArgument {
  readonly slab: PostedSlab;
  readonly clusterId: Uint8Array;
  /** Of the session that writes. */
  readonly nonce: Uint8Array;
  readonly blockBytes: number;
  readonly stripes: readonly StripeToEncode[];
}

/** The digests of all fragments, by stripe in the order given, then by fragment. */
export function encodeStripes(argument: EncodeArgument, setting: TaskSetting): Uint32Array {
  const slab = setting.slabOf(argument.slab);
  const widths = argument.stripes.map(({ data, parity }) => data + parity);
  const digests = new Uint32Array(widths.reduce((sum, width) => sum + width, 0));
  let at = 0;
  for (const stripe of argument.stripes) {
    encodeStripe(stripe, argument, slab, setting, digests, at);
    at += stripe.data + stripe.parity;
  }
  return digests;
}

function encodeStripe(
  stripe: StripeToEncode,
  argument: EncodeArgument,
  slab: Slab,
  setting: TaskSetting,
  digests: Uint32Array,
  firstDigest: number,
): void {
  const { data, parity, offset, length } = stripe;
  const { blockBytes, clusterId, nonce } = argument;
  const bytes = fragmentLength(stripe, length);
  const stride = strideOf(bytes);
  padStripe(slab.bytes, stripe, bytes, stride);
  const blocks = Math.ceil(bytes / blockBytes);
  const checksums = new Uint32Array((data + parity) * blocks);
  const start = offset + limits.blockBytes;
  if (parity > 0) {
    const coder = setting.coderOf(stripe);
    coder.encodeWithChecksums(slab, start, stride, bytes, blockBytes, checksums);
  } else {
    for (let block = 0; block < blocks; block++) {
      const from = block * blockBytes;
      const rest = Math.min(blockBytes, bytes - from);
      checksums[block] = setting.kernel.crc32c(slab.bytes, start + from, rest, 0);
    }
  }
  for (let number = 0; number < data + parity; number++) {
    digests[firstDigest + number] = sealFragment(
      setting.kernel,
      slab.bytes,
      offset + number * stride,
      {
        clusterId,
        nonce,
        blob: stripe.blob,
        stripe: stripe.stripe,
        number,
        data,
        parity,
        stripeBytes: length,
        bytes,
        blockBytes,
      },
      checksums.subarray(number * blocks, (number + 1) * blocks),
    );
  }
}

/** Zeros behind the value in the data fragments: the slab was used before. */
function padStripe(slab: Uint8Array, stripe: StripeToEncode, bytes: number, stride: number): void {
  const { data, offset, length } = stripe;
  for (let number = Math.floor(length / bytes); number < data; number++) {
    const start = offset + number * stride + limits.blockBytes;
    slab.fill(0, start + Math.max(length - number * bytes, 0), start + bytes);
  }
}
