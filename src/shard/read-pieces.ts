/**
 * Reads pieces of values from the devices, in a thread or inline: the data fragments at their final
 * place in fresh memory, each block verified; where one is damaged or gone, others are read and
 * it is computed from them.
 *
 *   bytes of the value that are wanted   [ from ............... to )
 *   whole blocks of its data fragments  [ fragment 1 | fragment 2 | fragment 3 ] = memory of it
 *
 * Invariant: memory that is handed out holds only verified bytes, or bytes computed from verified
 * ones; what fails is reported, never guessed.
 */
import { assert, must } from '../base/index.js';
import type { FragmentReader } from '../device/index.js';
import type { Code } from './redundancy.js';
import { type FragmentRange, fragmentLength, fragmentRanges, strideOf } from './stripe-layout.js';
import type { TaskSetting } from './task-setting.js';

/** A part of a value: adjoining parts of one or more of its stripes. */
export interface Piece extends Code {
  readonly blob: number;
  readonly blockBytes: number;
  readonly stripes: readonly StripePiece[];
}

export interface StripePiece {
  readonly stripe: number;
  /** Bytes of the value in the whole stripe. */
  readonly length: number;
  /** The part of it that is wanted; up to the end when another stripe follows. */
  readonly from: number;
  readonly to: number;
  /** For each fragment: an index into the argument's paths, or -1 for one that is not there. */
  readonly paths: Int32Array;
  /** For each fragment: where its header begins in that file. */
  readonly offsets: Float64Array;
  /** For each fragment, from the manifest. */
  readonly digests: Uint32Array;
}

export interface ReadArgument {
  readonly clusterId: Uint8Array;
  /** Volume files. */
  readonly paths: readonly string[];
  readonly pieces: readonly Piece[];
  /**
   * Shared with whoever waits, to tell which device does not answer: progress[0] is 1 + the path
   * that is being read, 0 while none is.
   */
  readonly progress: Int32Array;
}

/** A fragment that was not as it should be. */
export interface Finding {
  readonly stripe: number;
  readonly number: number;
  /** `absent`: something else lies there, so it may have moved. */
  readonly kind: 'damaged' | 'absent' | 'failed';
  readonly why: string;
}

export type PieceResult = { readonly findings: readonly Finding[] } & (
  | {
      readonly kind: 'ok';
      /** Exactly the bytes wanted. */
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** Fewer than `data` fragments of a stripe could be read. */
  | { readonly kind: 'lost'; readonly stripe: number }
);

export function readPieces(argument: ReadArgument, setting: TaskSetting): PieceResult[] {
  return argument.pieces.map((piece) => new PieceReader(piece, argument, setting).read());
}

class PieceReader {
  readonly #piece: Piece;
  readonly #argument: ReadArgument;
  readonly #setting: TaskSetting;
  readonly #reader: FragmentReader;
  readonly #findings: Finding[] = [];

  constructor(piece: Piece, argument: ReadArgument, setting: TaskSetting) {
    this.#piece = piece;
    this.#argument = argument;
    this.#setting = setting;
    this.#reader = setting.readerOf(argument.clusterId);
  }

  read(): PieceResult {
    const piece = this.#piece;
    const plans = piece.stripes.map((stripe) => planOf(piece, stripe));
    const total = plans.reduce((sum, { span }) => sum + span, 0);
    // Not the pool of small buffers: this memory is given away. Every byte of it is read into.
    const target = Buffer.allocUnsafeSlow(total);
    let offset = 0;
    for (const plan of plans) {
      if (!this.#readStripe(plan, target, offset)) {
        return { kind: 'lost', stripe: plan.stripe.stripe, findings: this.#findings };
      }
      offset += plan.span;
    }
    const first = plans[0];
    const skipped = first === undefined ? 0 : first.stripe.from - first.start;
    const wanted = piece.stripes.reduce((sum, { from, to }) => sum + to - from, 0);
    const bytes = new Uint8Array(target.buffer, skipped, wanted);
    return { kind: 'ok', bytes, findings: this.#findings };
  }

  /** Fills the span of a stripe; false when too little of it is left. */
  #readStripe(plan: StripePlan, target: Uint8Array, offset: number): boolean {
    const lost = plan.ranges.filter(
      (range) => !this.#readRange(plan, range, target, offset + startOf(plan, range)),
    );
    return lost.length === 0 || this.#reconstruct(plan, lost, target, offset);
  }

  /** Computes the lost ranges from as many other fragments as there are data fragments. */
  #reconstruct(
    plan: StripePlan,
    lost: readonly FragmentRange[],
    target: Uint8Array,
    offset: number,
  ): boolean {
    const { data, parity } = this.#piece;
    if (parity === 0) return false;
    const from = Math.min(...lost.map((range) => range.from));
    const to = Math.max(...lost.map((range) => range.to));
    const length = to - from;
    const slab = this.#setting.scratchOf((data + parity) * length);
    let present = 0n;
    let count = 0;
    for (let number = 0; number < data + parity && count < data; number++) {
      if (lost.some((range) => range.number === number)) continue;
      const range = { number, from, to };
      const known = plan.ranges.find((one) => one.number === number);
      if (known !== undefined && known.from <= from && known.to >= to) {
        const at = offset + startOf(plan, known) + from - known.from;
        slab.bytes.set(target.subarray(at, at + length), number * length);
      } else if (!this.#readRange(plan, range, slab.bytes, number * length)) {
        continue;
      }
      present |= 1n << BigInt(number);
      count += 1;
    }
    if (count < data) return false;
    const wanted = lost.reduce((mask, { number }) => mask | (1n << BigInt(number)), 0n);
    this.#setting.coderOf(this.#piece).reconstruct(slab, 0, length, length, present, wanted);
    for (const range of lost) {
      const at = range.number * length + range.from - from;
      const bytes = slab.bytes.subarray(at, at + range.to - range.from);
      target.set(bytes, offset + startOf(plan, range));
    }
    return true;
  }

  /** Reads and verifies a range of a fragment; false when that cannot be, which is noted. */
  #readRange(
    { stripe, fragmentBytes }: StripePlan,
    { number, from, to }: FragmentRange,
    target: Uint8Array,
    targetOffset: number,
  ): boolean {
    const path = must(stripe.paths[number], 'a path for each fragment');
    if (path < 0) return false;
    const { paths, progress } = this.#argument;
    const place = {
      path: must(paths[path], 'the path is one of the argument'),
      offset: must(stripe.offsets[number], 'an offset for each fragment'),
      bytes: strideOf(fragmentBytes),
    };
    const digest = must(stripe.digests[number], 'a digest for each fragment');
    const expected = { blob: this.#piece.blob, stripe: stripe.stripe, number, digest };
    Atomics.store(progress, 0, path + 1);
    const result = this.#reader.read(place, expected, { from, to }, target, targetOffset);
    Atomics.store(progress, 0, 0);
    if (result.kind === 'ok') return true;
    const { kind, why } = result;
    this.#findings.push({ stripe: stripe.stripe, number, kind, why });
    return false;
  }
}

/** A stripe's part of a piece: which blocks to read, and where they begin in the padded stripe. */
interface StripePlan {
  readonly stripe: StripePiece;
  readonly fragmentBytes: number;
  readonly ranges: readonly FragmentRange[];
  /** The first byte that is read, in the padded stripe. */
  readonly start: number;
  /** How many are. */
  readonly span: number;
}

function planOf(piece: Piece, stripe: StripePiece): StripePlan {
  const fragmentBytes = fragmentLength(piece, stripe.length);
  const ranges = fragmentRanges(stripe, fragmentBytes, piece.blockBytes);
  const first = must(ranges[0], 'a part of a stripe has bytes');
  const last = must(ranges.at(-1), 'a part of a stripe has bytes');
  assert(stripe.to <= stripe.length, 'the part is one of the stripe');
  const start = first.number * fragmentBytes + first.from;
  const span = last.number * fragmentBytes + last.to - start;
  return { stripe, fragmentBytes, ranges, start, span };
}

/** Where a range begins within the span of its stripe. */
function startOf({ fragmentBytes, start }: StripePlan, { number, from }: FragmentRange): number {
  return number * fragmentBytes + from - start;
}
