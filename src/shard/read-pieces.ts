/**
 * Reads pieces of values from the devices into a slab, in a thread or inline: the data fragments at
 * their places in the stripe, each block verified; where one is damaged or gone, others are read
 * beside them and it is computed.
 *
 *   a slot     | fragment 0 | fragment 1 | ... data | parity ... |   each `stride` long
 *
 * A piece that lies in one fragment needs only some blocks of it, and then of each fragment of the
 * slot: these are bytes [base, base + stride) of every fragment. Otherwise the slot is the whole
 * padded stripe, and the piece lies in it as in the value.
 *
 * Invariant: what a piece that is `ok` says to be there was verified, or computed from verified
 * bytes; what fails is reported, never guessed.
 */
import { assert, must } from '../base/index.js';
import type { FragmentFailure, FragmentReader } from '../device/index.js';
import type { Slab } from '../kernel/index.js';
import type { Code } from './redundancy.js';
import {
  type FragmentRange,
  fragmentLength,
  fragmentRanges,
  type StripeRange,
  strideOf,
} from './stripe-layout.js';
import type { PostedSlab, TaskSetting } from './task-setting.js';

/** A part of one stripe of a value. */
export interface Piece extends Code, StripeRange {
  readonly blob: number;
  readonly blockBytes: number;
  /** Bytes of the value in the whole stripe. */
  readonly length: number;
  /** Of its slot in the slab. */
  readonly offset: number;
  /** For each fragment: an index into the argument's paths, or -1 for one that is not there. */
  readonly paths: Int32Array;
  /** For each fragment: where its header begins in that file. */
  readonly offsets: Float64Array;
  /** For each fragment, from the manifest. */
  readonly digests: Uint32Array;
}

export interface ReadArgument {
  readonly slab: PostedSlab;
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
export type Finding = { readonly number: number } & FragmentFailure;

export interface PieceResult {
  /** `lost`: fewer than `data` fragments could be read. */
  readonly kind: 'ok' | 'lost';
  readonly findings: readonly Finding[];
}

/** How a piece lies in its slot. */
export interface PieceLayout {
  readonly fragmentBytes: number;
  readonly ranges: readonly FragmentRange[];
  /** The first byte of every fragment that the slot has room for. */
  readonly base: number;
  readonly stride: number;
  /** Where the wanted bytes begin, from the start of the slot. */
  readonly start: number;
}

type Placed = Pick<Piece, 'data' | 'parity' | 'blockBytes' | 'length' | keyof StripeRange>;

export function pieceLayout(piece: Placed): PieceLayout {
  assert(piece.from < piece.to && piece.to <= piece.length, 'the part is one of the stripe');
  const fragmentBytes = fragmentLength(piece, piece.length);
  const ranges = fragmentRanges(piece, fragmentBytes, piece.blockBytes);
  const first = must(ranges[0], 'a part of a stripe has bytes');
  if (ranges.length > 1) {
    return { fragmentBytes, ranges, base: 0, stride: fragmentBytes, start: piece.from };
  }
  const { number, from: base, to } = first;
  const stride = to - base;
  const start = number * stride + piece.from - number * fragmentBytes - base;
  return { fragmentBytes, ranges, base, stride, start };
}

/** Bytes of the slab that a piece takes. */
export function pieceBytes(piece: Placed): number {
  return (piece.data + piece.parity) * pieceLayout(piece).stride;
}

export function readPieces(argument: ReadArgument, setting: TaskSetting): PieceResult[] {
  const slab = setting.slabOf(argument.slab);
  return argument.pieces.map((piece) => new PieceReader(piece, slab, argument, setting).read());
}

class PieceReader {
  readonly #piece: Piece;
  readonly #layout: PieceLayout;
  readonly #slab: Slab;
  readonly #argument: ReadArgument;
  readonly #setting: TaskSetting;
  readonly #reader: FragmentReader;
  readonly #findings: Finding[] = [];

  constructor(piece: Piece, slab: Slab, argument: ReadArgument, setting: TaskSetting) {
    this.#piece = piece;
    this.#layout = pieceLayout(piece);
    this.#slab = slab;
    this.#argument = argument;
    this.#setting = setting;
    this.#reader = setting.readerOf(argument.clusterId);
  }

  read(): PieceResult {
    const lost = this.#layout.ranges.filter((range) => !this.#readRange(range));
    const isThere = lost.length === 0 || this.#reconstruct(lost);
    return { kind: isThere ? 'ok' : 'lost', findings: this.#findings };
  }

  /** Computes the lost ranges from as many other fragments as there are data fragments. */
  #reconstruct(lost: readonly FragmentRange[]): boolean {
    const { data, parity, offset } = this.#piece;
    if (parity === 0) return false;
    const { ranges, base, stride } = this.#layout;
    const from = Math.min(...lost.map((range) => range.from));
    const to = Math.max(...lost.map((range) => range.to));
    let present = 0n;
    let count = 0;
    for (let number = 0; number < data + parity && count < data; number++) {
      if (lost.some((range) => range.number === number)) continue;
      const known = ranges.find((one) => one.number === number);
      const isRead = known !== undefined && known.from <= from && known.to >= to;
      if (!isRead && !this.#readRange({ number, from, to })) continue;
      present |= 1n << BigInt(number);
      count += 1;
    }
    if (count < data) return false;
    const wanted = lost.reduce((mask, { number }) => mask | (1n << BigInt(number)), 0n);
    const coder = this.#setting.coderOf(this.#piece);
    coder.reconstruct(this.#slab, offset + from - base, stride, to - from, present, wanted);
    return true;
  }

  /** Reads and verifies a range of a fragment; false when that cannot be, which is noted. */
  #readRange({ number, from, to }: FragmentRange): boolean {
    const { blob, stripe, offset, offsets, digests } = this.#piece;
    const path = must(this.#piece.paths[number], 'a path for each fragment');
    if (path < 0) return false;
    const { paths, progress } = this.#argument;
    const { fragmentBytes, base, stride } = this.#layout;
    const place = {
      path: must(paths[path], 'the path is one of the argument'),
      offset: must(offsets[number], 'an offset for each fragment'),
      bytes: strideOf(fragmentBytes),
    };
    const digest = must(digests[number], 'a digest for each fragment');
    const expected = { blob, stripe, number, digest };
    const target = offset + number * stride + from - base;
    Atomics.store(progress, 0, path + 1);
    const result = this.#reader.read(place, expected, { from, to }, this.#slab.bytes, target);
    Atomics.store(progress, 0, 0);
    if (result.kind === 'ok') return true;
    this.#findings.push({ number, ...result });
    return false;
  }
}
