/**
 * Coding in TypeScript. Four targets at a time: a table for each source has, for each byte, its
 * four products in one word, so that one lookup does the work of four.
 *
 * Shards are taken in blocks that stay in the first cache, together with the words in which the
 * four targets of a block are summed up; at its end the words are cut into the targets' bytes.
 */
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import { product } from './galois-field.js';
import { portableKernel } from './portable.js';
import { shardChecksums } from './shard-checksums.js';

const blockBytes = 4_096;
/** Targets in a word, one a byte. */
const lanes = 4;

/** One source of a group: its position and its table. */
interface Term {
  readonly source: number;
  readonly table: Int32Array;
}

/** Four sources that are taken in one pass over a block. */
type Pass = readonly [Term, Term, Term, Term];

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

/** The group of targets first ... first+3; sources are filled up to whole passes with zeros. */
function groupOf({ coefficients, sources, targets }: ShardProduct, first: number): Group {
  const rows = Array.from(targets.subarray(first, first + lanes), (_, lane) => first + lane);
  const terms = Array.from(sources, (source, j) => {
    const column = rows.map((row) => coefficients[row * sources.length + j] as number);
    return { source, table: tableOf(column) };
  });
  const nothing: Term = { source: sources[0] as number, table: tableOf([]) };
  const passes: Pass[] = [];
  for (let j = 0; j < terms.length; j += 4) {
    const [a = nothing, b = nothing, c = nothing, d = nothing] = terms.slice(j, j + 4);
    passes.push([a, b, c, d]);
  }
  return { targets: rows.map((row) => targets[row] as number), passes };
}

/** words[i] = words[i] (or 0 when this is the first pass) + the products of byte at + i. */
function addPass(
  words: Int32Array,
  count: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  [a, b, c, d]: Pass,
  isFirst: boolean,
): void {
  const [ta, tb, tc, td] = [a.table, b.table, c.table, d.table];
  const [fromA, fromB] = [at + a.source * stride, at + b.source * stride];
  const [fromC, fromD] = [at + c.source * stride, at + d.source * stride];
  if (isFirst) words.fill(0, 0, count);
  for (let i = 0; i < count; i++) {
    words[i] =
      (words[i] as number) ^
      (ta[bytes[fromA + i] as number] as number) ^
      (tb[bytes[fromB + i] as number] as number) ^
      (tc[bytes[fromC + i] as number] as number) ^
      (td[bytes[fromD + i] as number] as number);
  }
}

/** Writes lane `lane` of the words to bytes from `at` on, or adds it to them. */
function write(
  words: Int32Array,
  count: number,
  lane: number,
  bytes: Uint8Array,
  at: number,
  adding: boolean,
): void {
  const shift = 8 * lane;
  if (adding) {
    for (let i = 0; i < count; i++) {
      bytes[at + i] = (bytes[at + i] as number) ^ ((words[i] as number) >>> shift);
    }
  } else {
    for (let i = 0; i < count; i++) bytes[at + i] = (words[i] as number) >>> shift;
  }
}

/** The first of `count` bytes from `at` on that differs from its lane of the words, or -1. */
function compare(
  words: Int32Array,
  count: number,
  lane: number,
  bytes: Uint8Array,
  at: number,
): number {
  const shift = 8 * lane;
  for (let i = 0; i < count; i++) {
    if ((((words[i] as number) >>> shift) & 0xff) !== bytes[at + i]) return i;
  }
  return -1;
}

/** Sums of the block under work. A call is over before the next one begins. */
const words = new Int32Array(blockBytes);

function prepare(shardProduct: ShardProduct): PreparedProduct {
  const { sources, targets } = shardProduct;
  const groups: Group[] = [];
  for (let first = 0; first < targets.length; first += lanes) {
    groups.push(groupOf(shardProduct, first));
  }

  function sum(bytes: Uint8Array, at: number, stride: number, count: number, group: Group): void {
    for (const [i, pass] of group.passes.entries()) {
      addPass(words, count, bytes, at, stride, pass, i === 0);
    }
  }

  function writeAll(
    bytes: Uint8Array,
    offset: number,
    stride: number,
    length: number,
    adding: boolean,
  ): void {
    for (let done = 0; done < length; done += blockBytes) {
      const at = offset + done;
      const count = Math.min(blockBytes, length - done);
      for (const group of groups) {
        sum(bytes, at, stride, count, group);
        for (const [lane, target] of group.targets.entries()) {
          write(words, count, lane, bytes, at + target * stride, adding);
        }
      }
    }
  }

  return {
    multiply(slab, offset, stride, length) {
      writeAll(slab.bytes, offset, stride, length, false);
    },
    multiplyChecksums(slab, offset, stride, length, _streaming, block, results) {
      writeAll(slab.bytes, offset, stride, length, false);
      const shards = [...sources, ...targets];
      shardChecksums(portableKernel, slab, shards, { offset, stride, length, block }, results);
    },
    multiplyAdd(slab, offset, stride, length) {
      writeAll(slab.bytes, offset, stride, length, true);
    },
    verify({ bytes }, offset, stride, length) {
      for (let done = 0; done < length; done += blockBytes) {
        const at = offset + done;
        let count = Math.min(blockBytes, length - done);
        let found = -1;
        for (const group of groups) {
          sum(bytes, at, stride, count, group);
          for (const [lane, target] of group.targets.entries()) {
            const different = compare(words, count, lane, bytes, at + target * stride);
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
