/**
 * The checks of a Coder's arguments, once for all tiers, so that all refuse the same calls with
 * the same words before anything is read or written. (The addon checks again by itself.)
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { Slab } from './slab.js';

function refuse(message: string): never {
  throw new ThemisError('THEMIS_KERNEL_ARGUMENT', message);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function checkShape(data: number, parity: number, matrix: string): void {
  const { shardsMax } = limits;
  if (!isCount(data) || data < 1) refuse(`data ${String(data)} is not a count of shards, from 1.`);
  if (!isCount(parity) || parity < 1) {
    refuse(`parity ${String(parity)} is not a count of shards, from 1.`);
  }
  if (data + parity > shardsMax) {
    refuse(
      `${data} data and ${parity} parity shards are more than ${shardsMax}, the field's size.`,
    );
  }
  if (matrix !== 'vandermonde' && matrix !== 'cauchy') {
    refuse(`matrix ${String(matrix)} is neither vandermonde nor cauchy.`);
  }
}

/** Why checkStripe refuses; apart from it, since it may be slow. */
function refuseStripe(
  slab: Slab,
  offset: number,
  stride: number,
  length: number,
  shards: number,
): never {
  if (!(slab instanceof Slab)) return refuse('slab is not a Slab.');
  if (slab.closed) return refuse('The slab was closed. Pass one that is open.');
  for (const [name, value] of Object.entries({ offset, stride, length })) {
    if (!isCount(value)) return refuse(`${name} ${String(value)} is not a count of bytes.`);
  }
  if (stride < length) {
    return refuse(`Shards of ${length} bytes every ${stride} overlap. Pass a stride >= length.`);
  }
  return refuse(
    `${shards} shards of ${length} bytes every ${stride} from ${offset} on leave the ` +
      `${slab.byteLength} bytes of the slab.`,
  );
}

/** Shards 0 ... shards-1, each `length` bytes from offset + i x stride on, lie in the slab. */
export function checkStripe(
  slab: Slab,
  offset: number,
  stride: number,
  length: number,
  shards: number,
): void {
  const fits =
    slab instanceof Slab &&
    !slab.closed &&
    isCount(offset) &&
    isCount(stride) &&
    isCount(length) &&
    stride >= length &&
    offset + (shards - 1) * stride + length <= slab.byteLength;
  if (!fits) refuseStripe(slab, offset, stride, length, shards);
}

export function checkStores(stores: string): void {
  if (stores !== 'cached' && stores !== 'streaming') {
    refuse(`stores ${String(stores)} is neither cached nor streaming.`);
  }
}

export function checkBlocks(
  length: number,
  shards: number,
  block: number,
  results: Uint32Array,
): void {
  if (!Number.isSafeInteger(block) || block < 1) {
    refuse(`block ${String(block)} is not a count of bytes, from 1.`);
  }
  if (!(results instanceof Uint32Array)) refuse('results is not a Uint32Array.');
  const needed = shards * Math.ceil(length / block);
  if (results.length < needed) {
    refuse(`results has ${results.length} elements; ${needed} are needed, one for each block.`);
  }
}

export function checkUpdate(index: number, data: number, shards: number): void {
  if (shards >= limits.shardsMax) {
    refuse(`A stripe of ${shards} shards has no place for old content. Encode it anew.`);
  }
  if (!isCount(index) || index >= data) {
    refuse(`index ${String(index)} is not that of one of the ${data} data shards.`);
  }
}

function checkMask(name: string, mask: bigint, shards: number): void {
  if (typeof mask === 'bigint' && mask >= 0n && mask >> BigInt(shards) === 0n) return;
  refuse(`${name} ${String(mask)} is not a mask of ${shards} shards, a bigint.`);
}

/** Masks of shards, bit i for shard i; what is wanted is not there. */
export function checkMasks(present: bigint, wanted: bigint, shards: number): void {
  checkMask('present', present, shards);
  checkMask('wanted', wanted, shards);
  if ((present & wanted) !== 0n) {
    refuse('A shard that is wanted is also present. Leave out of `present` what is in doubt.');
  }
}
