/**
 * As much of an assembler of WebAssembly as the coding module needs: instructions are arrays of
 * bytes, functions are put into a module with one imported shared memory.
 *
 * Format: WebAssembly Core Specification 2.0, chapter 5 (binary format), with the threads proposal
 * for the shared memory:
 *
 *   magic  version  | types | imports | functions | exports | bodies |     each a section:
 *                     id, length, count, entries
 */

/** Encoded instructions. */
export type Code = readonly number[];

/** An unsigned number in LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** A signed 32-bit number in LEB128. */
function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(code: Code): Code {
  return [...unsigned(code.length), ...code];
}

function text(value: string): Code {
  return sized([...Buffer.from(value, 'utf8')]);
}

/** Instructions, by their names in the specification. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32ShrU: [0x76],
  /** Repeats `body` while it leaves a number that is not zero. */
  loopWhile: (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0x00, 0x0b],
  /** Runs `body` when the number on the stack is not zero. */
  ifThen: (body: Code): Code => [0x04, 0x40, ...body, 0x0b],
  return: [0x0f],
  /** 16 bytes at the address on the stack, at any alignment. */
  v128Load: [0xfd, 0x00, 0x00, 0x00],
  v128Store: [0xfd, 0x0b, 0x00, 0x00],
  v128Const: (bytes: readonly number[]): Code => [0xfd, 0x0c, ...bytes],
  v128And: [0xfd, 0x4e],
  v128Xor: [0xfd, 0x51],
  v128AnyTrue: [0xfd, 0x53],
  i8x16Swizzle: [0xfd, 0x0e],
  i8x16Splat: [0xfd, 0x0f],
  i16x8ShrU: [0xfd, 0x8d, 0x01],
} as const;

const i32 = 0x7f;
const v128 = 0x7b;

/** A function of i32 parameters; its v128 locals are numbered after them. */
export interface FunctionSource {
  readonly name: string;
  readonly parameters: number;
  readonly vectors: number;
  /** True when it returns an i32. */
  readonly returns: boolean;
  readonly body: Code;
}

function typeOf({ parameters, returns }: FunctionSource): Code {
  const inputs = vector(Array.from({ length: parameters }, () => [i32]));
  return [0x60, ...inputs, ...vector(returns ? [[i32]] : [])];
}

function bodyOf({ vectors, body }: FunctionSource): Code {
  const locals = vector(vectors === 0 ? [] : [[...unsigned(vectors), v128]]);
  return sized([...locals, ...body, 0x0b]);
}

/** A module that exports the functions, over a shared memory imported as `slab.memory`. */
export function assemble(functions: readonly FunctionSource[]): Uint8Array {
  // Shared, with a maximum: 1 to 65,536 pages, so that every memory fits.
  const memory = [0x02, 0x03, ...unsigned(1), ...unsigned(65_536)];
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, functions.map(typeOf)),
    ...section(2, [[...text('slab'), ...text('memory'), ...memory]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(10, functions.map(bodyOf)),
  ]);
}
