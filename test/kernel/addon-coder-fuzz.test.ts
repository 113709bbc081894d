/**
 * The addon's coders under arguments of all kinds: a call is either accepted and computes what the
 * definition says, or refused with a code; and then not a byte has changed. Bytes around the slab
 * and results around the expected ones never change.
 */

import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { naiveKernel } from '../../src/kernel/index.js';
import { type Matrix, type NativeCoder, naiveMultiply, nativeCoders } from './addon-coders.js';

const slabBytes = 1_500;
const margin = 256;
const numRuns = 1_500;

/** What is no argument of any function, and numbers at the edges of what is one. */
const odd: readonly unknown[] = [
  undefined,
  null,
  '1',
  '',
  true,
  1n,
  {},
  [],
  () => 1,
  Symbol.iterator,
  new Proxy({}, {}),
  new ArrayBuffer(64),
  new DataView(new ArrayBuffer(64)),
  new Float64Array(8),
  new Int8Array(64),
  new Uint8ClampedArray(64),
  new Uint8Array(0),
  new Uint16Array(0),
  new Uint32Array(0),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0.5,
  0.5,
  1.5,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  Number.MAX_VALUE,
];

/** Mostly what fits; one in eight is not. */
function mostly(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: right, weight: 7 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const matrixOf = fc
  .record({
    columns: fc.integer({ min: 1, max: 6 }),
    rows: fc.integer({ min: 1, max: 5 }),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { minLength: 11 }),
    bytes: fc.uint8Array({ minLength: 30, maxLength: 30 }),
  })
  .map(
    ({ columns, rows, order, bytes }): Matrix => ({
      coefficients: bytes.slice(0, columns * rows),
      sources: Uint16Array.from(order.slice(0, columns)),
      targets: Uint16Array.from(order.slice(columns, columns + rows)),
    }),
  );

interface Operation {
  readonly name: 'multiply' | 'verify' | 'multiplyAdd' | 'multiplyChecksums';
  readonly arity: number;
}

const operations: readonly Operation[] = [
  { name: 'multiply', arity: 6 },
  { name: 'verify', arity: 5 },
  { name: 'multiplyAdd', arity: 5 },
  { name: 'multiplyChecksums', arity: 8 },
];

const callOf = fc.record({
  operation: fc.constantFrom(...operations),
  matrix: matrixOf,
  plan: mostly(fc.constant('plan')),
  slab: mostly(fc.constant('slab')),
  offset: mostly(fc.integer({ min: 0, max: 200 })),
  stride: mostly(fc.integer({ min: 0, max: 3 }).map((lines) => lines * 64)),
  length: mostly(fc.integer({ min: 0, max: 140 })),
  streaming: mostly(fc.constantFrom(0, 1)),
  block: mostly(fc.integer({ min: 1, max: 100 })),
  results: mostly(fc.constant('results')),
  missing: fc.oneof(
    { arbitrary: fc.constant(0), weight: 15 },
    { arbitrary: fc.constant(1), weight: 1 },
  ),
  seed: fc.integer(),
});

type Call = typeof callOf extends fc.Arbitrary<infer Value> ? Value : never;

/** Whether the binding must accept the call, from its documentation. */
function isAcceptable(call: Call): boolean {
  const { operation, matrix, offset, stride, length, block } = call;
  if (call.missing > 0 || call.plan !== 'plan' || call.slab !== 'slab') return false;
  if (!isInteger(offset) || !isInteger(stride) || !isInteger(length) || stride < length) {
    return false;
  }
  const highest = Math.max(...matrix.sources, ...matrix.targets);
  if (offset + highest * stride + length > slabBytes) return false;
  if (operation.arity >= 6 && call.streaming !== 0 && call.streaming !== 1) return false;
  if (operation.arity < 8) return true;
  const shards = matrix.sources.length + matrix.targets.length;
  if (!isInteger(block) || block === 0 || call.results !== 'results') {
    // An empty Uint32Array is enough for the checksums of no bytes.
    const none = call.results instanceof Uint32Array && length === 0;
    return isInteger(block) && block > 0 && none;
  }
  return shards * Math.ceil(length / block) <= resultsMax;
}

const resultsMax = 1_000;

/** Checksums as the documentation orders them. */
function naiveChecksums(call: Call, slab: Uint8Array, results: Uint32Array): void {
  const [offset, stride, length, block] = [call.offset, call.stride, call.length, call.block].map(
    Number,
  ) as [number, number, number, number];
  const blocks = Math.ceil(length / block);
  for (const [j, shard] of [...call.matrix.sources, ...call.matrix.targets].entries()) {
    for (let b = 0; b < blocks; b++) {
      const at = offset + shard * stride + b * block;
      const size = Math.min(block, length - b * block);
      results[j * blocks + b] = naiveKernel.crc32c(slab, at, size, 0);
    }
  }
}

/** Lowest position at which two stripes differ in a target, or -1. */
function firstDifference(call: Call, left: Uint8Array, right: Uint8Array): number {
  const [offset, stride, length] = [Number(call.offset), Number(call.stride), Number(call.length)];
  for (let i = 0; i < length; i++) {
    for (const target of call.matrix.targets) {
      if (left[offset + target * stride + i] !== right[offset + target * stride + i]) return i;
    }
  }
  return -1;
}

/** Runs the call; undefined when it was refused, which must be with the code. */
function outcomeOf(coder: NativeCoder, operation: Operation['name'], args: unknown[]): unknown {
  try {
    return [Reflect.apply(coder[operation], undefined, args)];
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_KERNEL_ARGUMENT', String(error));
    return undefined;
  }
}

function checkCall(coder: NativeCoder, call: Call, memory: Uint8Array, slab: number): void {
  const { operation, matrix } = call;
  fill(memory, call.seed);
  const results = new Uint32Array(resultsMax).fill(0xaaaaaaaa);
  const plan = coder.planOpen(matrix.coefficients, matrix.sources, matrix.targets);
  try {
    const pick = (value: unknown): unknown =>
      value === 'plan' ? plan : value === 'slab' ? slab : value === 'results' ? results : value;
    const all = [call.plan, call.slab, call.offset, call.stride, call.length, call.streaming];
    const args = [...all, call.block, call.results].slice(0, operation.arity - call.missing);
    const expected = memory.slice();
    const inside = expected.subarray(margin, margin + slabBytes);
    const expectedResults = results.slice();
    let expectedOutcome: unknown;
    // A small number is also the number of some slab or plan: those calls are only run.
    const guessed = typeof call.plan === 'number' || typeof call.slab === 'number';
    if (isAcceptable(call)) {
      const stripe = [Number(call.offset), Number(call.stride), Number(call.length)] as const;
      const product = inside.slice();
      naiveMultiply(matrix, product, stripe, operation.name === 'multiplyAdd');
      expectedOutcome = [undefined];
      if (operation.name === 'verify') expectedOutcome = [firstDifference(call, inside, product)];
      else inside.set(product);
      if (operation.arity === 8) naiveChecksums(call, inside, expectedResults);
    }
    const outcome = outcomeOf(coder, operation.name, args.map(pick));
    if (guessed) return;
    assert.equal(outcome, expectedOutcome);
    assert.is(Buffer.compare(memory, expected), 0, 'bytes');
    assert.equal(results, expectedResults);
  } finally {
    coder.planClose(plan);
  }
}

function fill(bytes: Uint8Array, seed: number): void {
  let state = seed | 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
}

for (const coder of nativeCoders?.coders ?? []) {
  for (const shared of [true, false]) {
    test(`${coder.name}: any arguments, ${shared ? 'shared memory' : 'an ArrayBuffer'}`, () => {
      const size = 2 * margin + slabBytes;
      const memory = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
      const slab = nativeCoders?.slabOpen(memory.subarray(margin, margin + slabBytes)) ?? -1;
      try {
        fc.assert(
          fc.property(callOf, (call) => checkCall(coder, call, memory, slab)),
          { numRuns },
        );
      } finally {
        nativeCoders?.slabClose(slab);
      }
    });
  }
}

test('a matrix of any kind is refused or opened', () => {
  const [coder] = nativeCoders?.coders ?? [];
  if (coder === undefined) return;
  const list = (max: number): fc.Arbitrary<unknown> =>
    mostly(
      fc
        .array(fc.integer({ min: 0, max }), { minLength: 0, maxLength: 8 })
        .map((numbers) => Uint16Array.from(numbers)),
    );
  fc.assert(
    fc.property(
      mostly(fc.uint8Array({ minLength: 0, maxLength: 16 })),
      list(260),
      list(12),
      (coefficients, sources, targets) => {
        const right =
          coefficients instanceof Uint8Array &&
          sources instanceof Uint16Array &&
          targets instanceof Uint16Array &&
          sources.length > 0 &&
          targets.length > 0 &&
          coefficients.length === sources.length * targets.length &&
          new Set([...sources, ...targets]).size === sources.length + targets.length &&
          [...sources, ...targets].every((shard) => shard < 256);
        let plan: number | undefined;
        try {
          plan = Reflect.apply(coder.planOpen, undefined, [coefficients, sources, targets]);
        } catch (error) {
          assert.is(codeOf(error), 'THEMIS_KERNEL_ARGUMENT', String(error));
        }
        assert.is(plan !== undefined, right);
        if (plan !== undefined) coder.planClose(plan);
      },
    ),
    { numRuns: 5_000 },
  );
});

test.run();
