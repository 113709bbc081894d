/**
 * Coding in TypeScript. Four targets at a time: a table for each source has, for each byte, its
 * four products in one word, so that one lookup does the work of four.
 *
 * Shards are taken in blocks that stay in the first cache, together with the words in which the
 * four targets of a block are summed up, one word for each byte. The last sources of a block cut
 * the words into lanes, the bytes of one target each. Memory is read four bytes at a time, through
 * a DataView, which takes any alignment.
 */
import { must } from '../base/index.js';
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import { product } from './galois-field.js';
import { portableKernel } from './portable.js';
import { shardChecksums } from './shard-checksums.js';
import type { Slab } from './slab.js';

const blockBytes = 4_096;
/** Targets in a word, one a byte. */
const laneCount = 4;

/** One source of a group: its position and its table. */
interface Term {
  readonly source: number;
  readonly table: Int32Array;
}

/** Two sources that are taken in one pass over a block: more would not leave registers enough. */
type Pass = readonly [Term, Term];

/** Up to four targets, and the passes that sum them up. */
interface Group {
  readonly targets: readonly number[];
  readonly passes: readonly Pass[];
}

/** table[b]: lane i is the i-th coefficient times b. */
function tableOf(coefficients: readonly number[]): Int32Array {
  const table = new Int32Array(256);
  for (const [lane, coefficient] of coefficients.entries()) {
    for (let byte = 0; byte < 256; byte++) {
      table[byte] = (table[byte] as number) | (product(coefficient, byte) << (8 * lane));
    }
  }
  return table;
}

/** The group of targets first ... first+3; an odd source is joined by one that adds nothing. */
function groupOf({ coefficients, sources, targets }: ShardProduct, first: number): Group {
  const rows = Array.from(targets.subarray(first, first + laneCount), (_, lane) => first + lane);
  const terms = Array.from(sources, (source, j) => {
    const column = rows.map((row) => coefficients[row * sources.length + j] as number);
    return { source, table: tableOf(column) };
  });
  const nothing: Term = { source: sources[0] as number, table: tableOf([]) };
  const passes: Pass[] = [];
  for (let j = 0; j < terms.length; j += 2) {
    const [a = nothing, b = nothing] = terms.slice(j, j + 2);
    passes.push([a, b]);
  }
  return { targets: rows.map((row) => targets[row] as number), passes };
}

/** The entry of a table for the byte of `word` that starts at bit `shift`. */
function at4(table: Int32Array, word: number, shift: number): number {
  return table[(word >>> shift) & 0xff] as number;
}

/** words[i] = the products of bytes a + i and b + i, for i < count, a multiple of four. */
function setPair(
  words: Int32Array,
  count: number,
  view: DataView,
  a: number,
  b: number,
  ta: Int32Array,
  tb: Int32Array,
): void {
  for (let i = 0; i < count; i += 4) {
    const x = view.getInt32(a + i, true);
    const y = view.getInt32(b + i, true);
    words[i] = at4(ta, x, 0) ^ at4(tb, y, 0);
    words[i + 1] = at4(ta, x, 8) ^ at4(tb, y, 8);
    words[i + 2] = at4(ta, x, 16) ^ at4(tb, y, 16);
    words[i + 3] = at4(ta, x, 24) ^ at4(tb, y, 24);
  }
}

/** The same, added to what the words are. */
function addPair(
  words: Int32Array,
  count: number,
  view: DataView,
  a: number,
  b: number,
  ta: Int32Array,
  tb: Int32Array,
): void {
  for (let i = 0; i < count; i += 4) {
    const x = view.getInt32(a + i, true);
    const y = view.getInt32(b + i, true);
    words[i] = (words[i] as number) ^ at4(ta, x, 0) ^ at4(tb, y, 0);
    words[i + 1] = (words[i + 1] as number) ^ at4(ta, x, 8) ^ at4(tb, y, 8);
    words[i + 2] = (words[i + 2] as number) ^ at4(ta, x, 16) ^ at4(tb, y, 16);
    words[i + 3] = (words[i + 3] as number) ^ at4(ta, x, 24) ^ at4(tb, y, 24);
  }
}

/** What the bytes of one target in a block should be. */
class Lane {
  readonly bytes = new Uint8Array(blockBytes);
  readonly view = new DataView(this.bytes.buffer);
}

type Lanes = readonly [Lane, Lane, Lane, Lane];

/**
 * As addPair, but the sums go to the lanes, of which the first `targets` matter, and not back to
 * the words: a transposition of four by four bytes at a time.
 */
function cutPair(
  words: Int32Array,
  count: number,
  view: DataView,
  a: number,
  b: number,
  ta: Int32Array,
  tb: Int32Array,
  [{ view: l0 }, { view: l1 }, { view: l2 }, { view: l3 }]: Lanes,
  targets: number,
): void {
  for (let i = 0; i < count; i += 4) {
    const x = view.getInt32(a + i, true);
    const y = view.getInt32(b + i, true);
    const w0 = (words[i] as number) ^ at4(ta, x, 0) ^ at4(tb, y, 0);
    const w1 = (words[i + 1] as number) ^ at4(ta, x, 8) ^ at4(tb, y, 8);
    const w2 = (words[i + 2] as number) ^ at4(ta, x, 16) ^ at4(tb, y, 16);
    const w3 = (words[i + 3] as number) ^ at4(ta, x, 24) ^ at4(tb, y, 24);
    // Lanes 0 and 2 of two words, then lanes 1 and 3.
    const even01 = (w0 & 0xff00ff) | ((w1 & 0xff00ff) << 8);
    const even23 = (w2 & 0xff00ff) | ((w3 & 0xff00ff) << 8);
    const odd01 = ((w0 >>> 8) & 0xff00ff) | (w1 & 0xff00ff00);
    const odd23 = ((w2 >>> 8) & 0xff00ff) | (w3 & 0xff00ff00);
    l0.setInt32(i, (even01 & 0xffff) | (even23 << 16), true);
    l1.setInt32(i, (odd01 & 0xffff) | (odd23 << 16), true);
    if (targets <= 2) continue;
    l2.setInt32(i, (even01 >>> 16) | (even23 & 0xffff0000), true);
    l3.setInt32(i, (odd01 >>> 16) | (odd23 & 0xffff0000), true);
  }
}

/** Adds the first `count` bytes of a lane to those from `to` on. */
function addLane(lane: Lane, count: number, view: DataView, to: number): void {
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    view.setInt32(to + i, view.getInt32(to + i, true) ^ lane.view.getInt32(i, true), true);
  }
  for (let i = whole; i < count; i++) {
    view.setUint8(to + i, view.getUint8(to + i) ^ (lane.bytes[i] as number));
  }
}

/** The first of `count` bytes from `at` on that differs from its lane, or -1. */
function compare(lane: Lane, count: number, view: DataView, at: number): number {
  const whole = count & ~3;
  let i = 0;
  while (i < whole && view.getInt32(at + i, true) === lane.view.getInt32(i, true)) i += 4;
  while (i < count && view.getUint8(at + i) === lane.bytes[i]) i++;
  return i < count ? i : -1;
}

/** Sums of the block under work. A call is over before the next one begins. */
const words = new Int32Array(blockBytes);
const lanes: Lanes = [new Lane(), new Lane(), new Lane(), new Lane()];

/** Puts into the lanes what the group's targets should be in `count` bytes from `at` on. */
function sum(view: DataView, at: number, stride: number, count: number, group: Group): void {
  const whole = count & ~3;
  const { passes } = group;
  const last = passes.length - 1;
  if (last === 0) words.fill(0, 0, whole);
  for (let i = 0; i <= last; i++) {
    const [{ source: a, table: ta }, { source: b, table: tb }] = passes[i] as Pass;
    const [p, q] = [at + a * stride, at + b * stride];
    if (i === last) cutPair(words, whole, view, p, q, ta, tb, lanes, group.targets.length);
    else if (i === 0) setPair(words, whole, view, p, q, ta, tb);
    else addPair(words, whole, view, p, q, ta, tb);
  }
  for (let i = whole; i < count; i++) sumByte(view, at + i, stride, i, group);
}

/** One byte of the lanes, `i`: of the last three in a shard. */
function sumByte(view: DataView, at: number, stride: number, i: number, group: Group): void {
  let word = 0;
  for (const [a, b] of group.passes) {
    word ^= at4(a.table, view.getUint8(at + a.source * stride), 0);
    word ^= at4(b.table, view.getUint8(at + b.source * stride), 0);
  }
  for (const [lane, { bytes }] of lanes.entries()) bytes[i] = word >>> (8 * lane);
}

function viewOf({ bytes }: Slab): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function prepare(shardProduct: ShardProduct): PreparedProduct {
  const { sources, targets } = shardProduct;
  const groups: Group[] = [];
  for (let first = 0; first < targets.length; first += laneCount) {
    groups.push(groupOf(shardProduct, first));
  }

  function writeAll(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    adding: boolean,
  ): void {
    const { bytes } = slab;
    const view = viewOf(slab);
    for (let done = 0; done < length; done += blockBytes) {
      const at = offset + done;
      const count = Math.min(blockBytes, length - done);
      for (const group of groups) {
        sum(view, at, stride, count, group);
        for (const [i, target] of group.targets.entries()) {
          const lane = must(lanes[i], 'a lane');
          const to = at + target * stride;
          if (adding) addLane(lane, count, view, to);
          else bytes.set(lane.bytes.subarray(0, count), to);
        }
      }
    }
  }

  return {
    multiply(slab, offset, stride, length) {
      writeAll(slab, offset, stride, length, false);
    },
    multiplyChecksums(slab, offset, stride, length, _streaming, block, results) {
      writeAll(slab, offset, stride, length, false);
      const shards = [...sources, ...targets];
      shardChecksums(portableKernel, slab, shards, { offset, stride, length, block }, results);
    },
    multiplyAdd(slab, offset, stride, length) {
      writeAll(slab, offset, stride, length, true);
    },
    verify(slab, offset, stride, length) {
      const view = viewOf(slab);
      for (let done = 0; done < length; done += blockBytes) {
        const at = offset + done;
        let count = Math.min(blockBytes, length - done);
        let found = -1;
        for (const group of groups) {
          sum(view, at, stride, count, group);
          for (const [i, target] of group.targets.entries()) {
            const different = compare(must(lanes[i], 'a lane'), count, view, at + target * stride);
            // From here on only an earlier difference is of interest.
            if (different >= 0) [found, count] = [different, different];
          }
        }
        if (found >= 0) return done + found;
      }
      return -1;
    },
    close() {
      // Tables are memory like any other.
    },
  };
}

/** The portable coding kernel. */
export const portableCoding: CodingKernel = Object.freeze({ name: 'portable', prepare });
