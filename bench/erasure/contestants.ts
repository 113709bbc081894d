/** Who codes in Node: a Coder of ours over stripes in a slab, or a package over the first stripe. */
import { ThemisError } from '../../src/base/index.js';
import { Coder, type CodingKernel, loadKernel, type Slab } from '../../src/kernel/index.js';
import type { CodecModule } from './peer.js';
import type { CodingContestant } from './timing.js';

/** Stripes of one shape in a slab, contiguous, warm (one again and again) or cold (in turns). */
export interface Cell {
  readonly data: number;
  readonly parity: number;
  readonly shardBytes: number;
  readonly state: 'warm' | 'cold';
  readonly stripes: number;
}

export const shapes: readonly (readonly [number, number])[] = [
  [4, 2],
  [6, 3],
  [8, 4],
  [10, 4],
  [17, 3],
];

export type CodingWork = 'encode' | 'decode';

const { crc32c } = loadKernel().kernel;

/** Of shards `first` ... `end` - 1 of the first stripe. */
function digestOf({ bytes }: Slab, { shardBytes }: Cell, first: number, end: number): string {
  const crc = crc32c(bytes, first * shardBytes, (end - first) * shardBytes, 0);
  return crc.toString(16).padStart(8, '0');
}

/** What a contestant writes: parity, or the first data shards. */
function resultOf(slab: Slab, cell: Cell, work: CodingWork): string {
  const { data, parity } = cell;
  return work === 'encode'
    ? digestOf(slab, cell, data, data + parity)
    : digestOf(slab, cell, 0, parity);
}

/** A Coder with one kernel; cold results are streamed past the caches. */
export function coderContestant(
  kernel: CodingKernel,
  slab: Slab,
  cell: Cell,
  work: CodingWork = 'encode',
): CodingContestant {
  const { data, parity, shardBytes, stripes } = cell;
  const coder = new Coder({ data, parity }, kernel);
  const stripeBytes = coder.shards * shardBytes;
  const stores = cell.state === 'cold' ? 'streaming' : 'cached';
  const wanted = (1n << BigInt(parity)) - 1n;
  const present = ((1n << BigInt(data)) - 1n) << BigInt(parity);
  let next = 0;
  const advance = (): number => {
    const offset = next * stripeBytes;
    next = next + 1 === stripes ? 0 : next + 1;
    return offset;
  };
  return {
    name: `themis ${kernel.name}`,
    bytesPerCall: data * shardBytes,
    begin() {
      if (work === 'decode') coder.encode(slab, 0, shardBytes, shardBytes);
    },
    run(calls) {
      for (let i = 0; i < calls; i++) {
        const at = advance();
        if (work === 'encode') coder.encode(slab, at, shardBytes, shardBytes, stores);
        else coder.reconstruct(slab, at, shardBytes, shardBytes, present, wanted, stores);
      }
    },
    hash: () => resultOf(slab, cell, work),
  };
}

/** A package; refused with THEMIS_ASSERTION when it does not restore what was lost. */
export async function peerContestant(
  module: CodecModule,
  slab: Slab,
  cell: Cell,
  work: CodingWork,
): Promise<CodingContestant> {
  const { data, parity, shardBytes } = cell;
  const stripe = slab.bytes.subarray(0, (data + parity) * shardBytes);
  const codec = await module.open({ stripe, data, parity });
  const lost = stripe.subarray(0, parity * shardBytes);
  const before = digestOf(slab, cell, 0, parity);
  const saved = lost.slice();
  await codec.encode(1);
  lost.fill(0);
  await codec.decode(1);
  if (digestOf(slab, cell, 0, parity) !== before) {
    lost.set(saved);
    const what = `${module.name} ${module.version} does not restore ${data}+${parity}`;
    throw new ThemisError('THEMIS_ASSERTION', what);
  }
  return {
    name: module.name,
    bytesPerCall: data * shardBytes,
    async begin() {
      // Parity of its own kind: not all codes are the same.
      if (work === 'decode') await codec.encode(1);
    },
    run: (calls) => codec[work](calls),
    hash: () => resultOf(slab, cell, work),
  };
}
