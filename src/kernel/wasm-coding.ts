/**
 * Coding in WebAssembly with 128-bit vectors, for machines without the addon. The module is
 * instantiated over the slab's own memory, so it works in place.
 *
 * Shards are taken in blocks that stay in the first cache. In each of them, targets are summed up
 * four at a time, a source after the other. What remains of a shard behind the last whole step
 * goes to portable code. Verification computes into scratch of the slab and compares.
 */
import { must } from '../base/index.js';
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import { product } from './galois-field.js';
import { portableKernel } from './portable.js';
import { portableCoding } from './portable-coding.js';
import { shardChecksums } from './shard-checksums.js';
import { type Attachment, type Slab, scratchBytes } from './slab.js';
import { codingModule, stepBytes, tiles } from './wasm-module.js';
import { compile, instantiate } from './web-assembly.js';

/** Targets at once. */
const lanes = 4;
/** Bytes of each shard in a block: the targets' part fits a slot of scratch. */
const blockBytes = scratchBytes / lanes;

type WasmFunction = (...numbers: readonly number[]) => number | undefined;

/** The module's functions over the memory of one slab. */
interface Instance extends Attachment {
  /** Two for each tile: one that writes, one that adds. */
  readonly tiles: readonly WasmFunction[];
  readonly compare: WasmFunction;
}

/** One call of a tile: targets summed up over one source, or over several. */
interface Pass {
  /** Index of the tile that writes; the next one adds. */
  readonly tile: number;
  readonly sources: readonly number[];
  /** Addresses of targets and sources and the length, for each call; then the coefficients. */
  readonly numbers: number[];
}

/** Up to four targets, and the passes that sum them up. */
interface Group {
  readonly targets: readonly number[];
  readonly passes: readonly Pass[];
}

/** A block of shards: shard i has `length` bytes, a multiple of stepBytes, from at + i x stride. */
interface Block {
  readonly at: number;
  readonly stride: number;
  readonly length: number;
}

/** Products of a coefficient with four powers of two, from 2^first on, one a byte. */
function powers(coefficient: number, first: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word |= product(coefficient, 1 << (first + i)) << (8 * i);
  return word;
}

function groupOf({ coefficients, sources, targets }: ShardProduct, first: number): Group {
  const rows = Array.from(targets.subarray(first, first + lanes), (_, lane) => first + lane);
  const fitting = [...tiles.entries()].filter(([, [height]]) => height === rows.length);
  const passes: Pass[] = [];
  for (let j = 0; j < sources.length; ) {
    const left = sources.length - j;
    const [tile, [, width]] = must(
      fitting.find(([, [, candidate]]) => candidate <= left),
      'for every number of targets there is a tile with one source',
    );
    const numbers = Array<number>(rows.length + width + 1).fill(0);
    for (const row of rows) {
      for (let i = j; i < j + width; i++) {
        const coefficient = coefficients[row * sources.length + i] as number;
        numbers.push(powers(coefficient, 0), powers(coefficient, 4));
      }
    }
    passes.push({ tile: 2 * tile, sources: [...sources.subarray(j, j + width)], numbers });
    j += width;
  }
  return { targets: rows.map((row) => targets[row] as number), passes };
}

/** Writes to `starts` what the group's targets should be over a block, or adds it to them. */
function sum(
  instance: Instance,
  { passes }: Group,
  starts: readonly number[],
  { at, stride, length }: Block,
  adding: boolean,
): void {
  for (const [i, { tile, sources, numbers }] of passes.entries()) {
    let next = 0;
    for (const start of starts) numbers[next++] = start;
    for (const source of sources) numbers[next++] = at + source * stride;
    numbers[next] = length;
    const call = instance.tiles[adding || i > 0 ? tile + 1 : tile] as WasmFunction;
    Reflect.apply(call, undefined, numbers);
  }
}

/** The first of `length` bytes that differ at two places of a slab, or -1. */
function difference(slab: Slab, instance: Instance, a: number, b: number, length: number): number {
  const from = instance.compare(a, b, length, length) as number;
  if (from === length) return -1;
  const { buffer } = slab.memory;
  const [left, right] = [new Uint8Array(buffer, a, length), new Uint8Array(buffer, b, length)];
  let at = from;
  while (left[at] === right[at]) at += 1;
  return at;
}

interface Compiled {
  attach(slab: Slab): Instance;
}

class WasmProduct implements PreparedProduct {
  readonly #compiled: Compiled;
  readonly #product: ShardProduct;
  readonly #groups: Group[] = [];
  #portable: PreparedProduct | undefined;

  constructor(compiled: Compiled, shardProduct: ShardProduct) {
    this.#compiled = compiled;
    this.#product = shardProduct;
    for (let first = 0; first < shardProduct.targets.length; first += lanes) {
      this.#groups.push(groupOf(shardProduct, first));
    }
  }

  multiply(slab: Slab, offset: number, stride: number, length: number, streaming: boolean): void {
    const whole = this.#wholeSteps(slab, offset, stride, length, false);
    if (whole === length) return;
    this.#remainder().multiply(slab, offset + whole, stride, length - whole, streaming);
  }

  multiplyChecksums(
    slab: Slab,
    offset: number,
    stride: number,
    length: number,
    streaming: boolean,
    block: number,
    results: Uint32Array,
  ): void {
    this.multiply(slab, offset, stride, length, streaming);
    const shards = [...this.#product.sources, ...this.#product.targets];
    shardChecksums(portableKernel, slab, shards, { offset, stride, length, block }, results);
  }

  multiplyAdd(slab: Slab, offset: number, stride: number, length: number): void {
    const whole = this.#wholeSteps(slab, offset, stride, length, true);
    if (whole === length) return;
    this.#remainder().multiplyAdd(slab, offset + whole, stride, length - whole);
  }

  verify(slab: Slab, offset: number, stride: number, length: number): number {
    const whole = length - (length % stepBytes);
    const found = slab.withScratch((scratch) => {
      for (let done = 0; done < whole; done += blockBytes) {
        const block = { at: offset + done, stride, length: Math.min(blockBytes, whole - done) };
        const different = this.#verifyBlock(slab, scratch, block);
        if (different >= 0) return done + different;
      }
      return -1;
    });
    // Without scratch everything is left to portable code.
    const verified = found === null ? 0 : whole;
    if (found !== null && found >= 0) return found;
    if (verified === length) return -1;
    const rest = this.#remainder().verify(slab, offset + verified, stride, length - verified);
    return rest < 0 ? -1 : verified + rest;
  }

  close(): void {
    this.#portable?.close();
  }

  /** Tables for what remains behind the last whole step; most shards have no such rest. */
  #remainder(): PreparedProduct {
    this.#portable ??= portableCoding.prepare(this.#product);
    return this.#portable;
  }

  /** Multiplies as much as is whole steps, and returns how much that is. */
  #wholeSteps(slab: Slab, offset: number, stride: number, length: number, adding: boolean): number {
    const whole = length - (length % stepBytes);
    const instance = slab.attachment(this.#compiled);
    for (let done = 0; done < whole; done += blockBytes) {
      const at = offset + done;
      const block = { at, stride, length: Math.min(blockBytes, whole - done) };
      for (const group of this.#groups) {
        const starts = group.targets.map((target) => at + target * stride);
        sum(instance, group, starts, block, adding);
      }
    }
    return whole;
  }

  #verifyBlock(slab: Slab, scratch: number, block: Block): number {
    const instance = slab.attachment(this.#compiled);
    const { at, stride, length } = block;
    let first = length;
    for (const group of this.#groups) {
      const starts = group.targets.map((_, lane) => scratch + lane * blockBytes);
      sum(instance, group, starts, block, false);
      for (const [lane, target] of group.targets.entries()) {
        const start = starts[lane] as number;
        const different = difference(slab, instance, start, at + target * stride, length);
        if (different >= 0) first = Math.min(first, different);
      }
    }
    return first === length ? -1 : first;
  }
}

function compiled(): Compiled {
  const module = compile(codingModule());
  return {
    attach({ memory }) {
      // The module is our own: what it exports are functions of these names.
      const exported = instantiate(module, memory) as Readonly<Record<string, WasmFunction>>;
      const functionOf = (name: string): WasmFunction => must(exported[name], name);
      return {
        tiles: tiles.flatMap(([targets, sources]) => [
          functionOf(`multiply${targets}x${sources}`),
          functionOf(`add${targets}x${sources}`),
        ]),
        compare: functionOf('compare'),
        close() {
          // Instances are memory like any other.
        },
      };
    },
  };
}

/**
 * The coding kernel in WebAssembly. Throws what WebAssembly.Module throws when this runtime lacks
 * vectors or threads.
 */
export function wasmCoding(): CodingKernel {
  const module = compiled();
  return Object.freeze({
    name: wasmCodingName,
    prepare: (shardProduct: ShardProduct) => new WasmProduct(module, shardProduct),
  });
}

export const wasmCodingName = 'wasm';
