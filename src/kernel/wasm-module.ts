/**
 * The WebAssembly module of the coding tier, assembled when it is loaded. A product by c is linear,
 * so it is the sum of a product of the low four bits and one of the high four: two lookups in
 * tables of 16 bytes, which `i8x16.swizzle` does for 16 bytes at once.
 *
 * Each function sums up some targets over some sources; which numbers of them there are was found
 * by measuring. The tables are made from the products of c with the powers of two at every call:
 * they must not lie in memory, which is shared by all threads.
 *
 *   multiply<T>x<S>(t1 ... tT, s1 ... sS, length, low, high, ...)    targets = sum
 *   add<T>x<S>     (the same)                                        targets += sum
 *   compare        (a, b, length)           the first 16 bytes that differ, as an offset, or length
 *
 * Addresses and lengths are i32; lengths are multiples of stepBytes, not zero. `low` holds the
 * bytes c, 2c, 4c, 8c and `high` 16c ... 128c, lowest first; there is a pair for each target and
 * source, those of the first target first.
 */
import { assemble, type Code, type FunctionSource, op } from './wasm-assembler.js';

/** Bytes of each shard in one turn of a loop. */
export const stepBytes = 16;

/** Targets, and sources at once. */
export const tiles: readonly (readonly [number, number])[] = [
  [4, 2],
  [4, 1],
  [3, 2],
  [3, 1],
  [2, 2],
  [2, 1],
  [1, 4],
  [1, 1],
];

/** bits[b][x] is 0xff when bit b of x is set: which powers of two x is the sum of. */
const bits = [0, 1, 2, 3].map((bit) =>
  Array.from({ length: 16 }, (_, x) => ((x >> bit) & 1 ? 0xff : 0)),
);

/** The table of 16 products, from the four bytes of a parameter; `masks` is the first of bits. */
function table(parameter: number, masks: number): Code {
  const parts = bits.map((_, bit): Code => {
    const byte = [...op.get(parameter), ...op.i32Const(8 * bit), ...op.i32ShrU, ...op.i8x16Splat];
    const sum = bit === 0 ? [] : op.v128Xor;
    return [...byte, ...op.get(masks + bit), ...op.v128And, ...sum];
  });
  return parts.flat();
}

/** local += number */
function advance(local: number, number: number): Code {
  return [...op.get(local), ...op.i32Const(number), ...op.i32Add, ...op.set(local)];
}

function tile(targets: number, sources: number, adding: boolean): FunctionSource {
  const length = targets + sources;
  const coefficients = length + 1;
  const pairs = targets * sources;
  const parameters = coefficients + 2 * pairs;
  const tables = parameters;
  const nibble = tables + 2 * pairs;
  const masks = nibble + 1;
  const low = masks + bits.length;
  const high = low + 1;

  /** Splits 16 bytes of each source into nibbles: locals low and high + 2 x source. */
  const split = (source: number): Code => [
    ...[...op.get(targets + source), ...op.v128Load, ...op.set(low + 2 * source)],
    ...[...op.get(low + 2 * source), ...op.i32Const(4), ...op.i16x8ShrU],
    ...[...op.get(nibble), ...op.v128And, ...op.set(high + 2 * source)],
    ...[...op.get(low + 2 * source), ...op.get(nibble), ...op.v128And],
    ...op.set(low + 2 * source),
  ];
  const sum = (target: number): Code => {
    const terms: Code[] = [];
    for (let source = 0; source < sources; source++) {
      const at = tables + 2 * (target * sources + source);
      terms.push(
        [...op.get(at), ...op.get(low + 2 * source), ...op.i8x16Swizzle],
        [...op.get(at + 1), ...op.get(high + 2 * source), ...op.i8x16Swizzle],
      );
    }
    if (adding) terms.push([...op.get(target), ...op.v128Load]);
    const summed = terms.flatMap((term, i) => (i === 0 ? term : [...term, ...op.v128Xor]));
    return [...op.get(target), ...summed, ...op.v128Store];
  };
  const body: number[] = [];
  for (let source = 0; source < sources; source++) body.push(...split(source));
  for (let target = 0; target < targets; target++) body.push(...sum(target));
  for (let shard = 0; shard < targets + sources; shard++) body.push(...advance(shard, stepBytes));
  body.push(...advance(length, -stepBytes), ...op.get(length));
  const prepare = Array.from({ length: 2 * pairs }, (_, i) => [
    ...table(coefficients + i, masks),
    ...op.set(tables + i),
  ]);
  const constants = [
    ...[...op.v128Const(Array<number>(16).fill(0x0f)), ...op.set(nibble)],
    ...bits.flatMap((mask, bit) => [...op.v128Const(mask), ...op.set(masks + bit)]),
  ];
  return {
    name: `${adding ? 'add' : 'multiply'}${targets}x${sources}`,
    parameters,
    vectors: 2 * pairs + 1 + bits.length + 2 * sources,
    returns: false,
    body: [...constants, ...prepare.flat(), ...op.loopWhile(body)],
  };
}

/** Returns from within the loop where the vectors differ; `left` counts down from the length. */
function compare(): FunctionSource {
  const [a, b, length, left] = [0, 1, 2, 3];
  const found = [...op.get(length), ...op.get(left), ...op.i32Sub, ...op.return];
  const body = [
    ...[...op.get(a), ...op.v128Load, ...op.get(b), ...op.v128Load, ...op.v128Xor],
    ...[...op.v128AnyTrue, ...op.ifThen(found)],
    ...[...advance(a, stepBytes), ...advance(b, stepBytes)],
    ...[...advance(left, -stepBytes), ...op.get(left)],
  ];
  // `left` is a parameter too, so that functions need locals of one type only.
  return {
    name: 'compare',
    parameters: 4,
    vectors: 0,
    returns: true,
    body: [...op.loopWhile(body), ...op.get(length)],
  };
}

/** The module's bytes. */
export function codingModule(): Uint8Array {
  const functions = tiles.flatMap(([targets, sources]) => [
    tile(targets, sources, false),
    tile(targets, sources, true),
  ]);
  return assemble([...functions, compare()]);
}
