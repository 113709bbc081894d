/** What every coding kernel refuses, with the same codes; a part of the coding contract. */
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { Coder, type CodingKernel, Slab } from '../../src/kernel/index.js';
import { guard, maskOf, opening } from './coding-sample.js';
import type { Register } from './register.js';

/** What is wrong, and offset, stride, length in a slab of 1 KiB that would have 4+2 shards. */
const refusedStripes: readonly (readonly [string, readonly unknown[]])[] = [
  ['offset missing', [undefined, 100, 100]],
  ['offset a string', ['0', 100, 100]],
  ['offset a bigint', [0n, 100, 100]],
  ['offset negative', [-1, 100, 100]],
  ['offset a fraction', [0.5, 100, 100]],
  ['offset NaN', [Number.NaN, 100, 100]],
  ['offset infinite', [Number.POSITIVE_INFINITY, 100, 100]],
  ['offset 2^53', [2 ** 53, 100, 100]],
  ['offset past the end', [1_025, 0, 0]],
  ['stride missing', [0, undefined, 100]],
  ['stride negative', [0, -100, 0]],
  ['stride a fraction', [0, 100.5, 100]],
  ['stride that overlaps', [0, 99, 100]],
  ['stride 0', [0, 0, 1]],
  ['stride that leaves the slab', [0, 185, 100]],
  ['stride that wraps at 2^32', [0, 2 ** 32, 100]],
  ['length missing', [0, 100, undefined]],
  ['length negative', [0, 100, -1]],
  ['length a fraction', [0, 100, 99.5]],
  ['length one too long', [0, 171, 170]],
  ['length 2^53', [0, 2 ** 53, 2 ** 53]],
];

/** Calls with a right stripe and something else wrong. */
const refusedCalls: readonly (readonly [string, (coder: Coder, slab: Slab) => unknown])[] = [
  ['stores', (coder, slab) => Reflect.apply(coder.encode, coder, [slab, 0, 100, 100, 'fast'])],
  ['block 0', (c, slab) => c.encodeWithChecksums(slab, 0, 100, 100, 0, new Uint32Array(99))],
  ['block 1.5', (c, slab) => c.encodeWithChecksums(slab, 0, 100, 100, 1.5, new Uint32Array(99))],
  ['results', (c, slab) => c.encodeWithChecksums(slab, 0, 100, 100, 50, new Uint32Array(11))],
  [
    'results an array',
    (c, slab) => Reflect.apply(c.encodeWithChecksums, c, [slab, 0, 100, 100, 50, [1, 2]]),
  ],
  ['index 4', (coder, slab) => coder.update(slab, 0, 100, 100, 4)],
  ['index -1', (coder, slab) => coder.update(slab, 0, 100, 100, -1)],
  ['no room for old content', (coder, slab) => coder.update(slab, 0, 150, 150, 0)],
  ['a shard that is not', (coder, slab) => coder.reconstruct(slab, 0, 100, 100, 15n, 64n)],
  ['a negative mask', (coder, slab) => coder.reconstruct(slab, 0, 100, 100, -1n, 16n)],
  ['present and wanted', (coder, slab) => coder.reconstruct(slab, 0, 100, 100, 31n, 16n)],
  [
    'a number as mask',
    (coder, slab) => Reflect.apply(coder.reconstruct, coder, [slab, 0, 100, 100, 15, 16]),
  ],
];

function refuses(call: () => unknown, what: string): void {
  try {
    call();
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_KERNEL_ARGUMENT'), `${what}: ${String(error)}`);
    return;
  }
  assert.unreachable(`${what}: was not refused`);
}

export function testRefusals(test: Register, kernel: CodingKernel): void {
  const { name } = kernel;
  test(`${name}: refuses wrong arguments with a code and touches nothing`, () => {
    const coder = opening(new Coder({ data: 4, parity: 2 }, kernel));
    const slab = opening(Slab.allocate(1_024));
    slab.bytes.fill(guard);
    const results = new Uint32Array(99);
    for (const [what, stripe] of refusedStripes) {
      const calls: readonly (readonly [(...input: never[]) => unknown, readonly unknown[]])[] = [
        [coder.encode, []],
        [coder.verify, []],
        [coder.update, [0]],
        [coder.encodeWithChecksums, [64, results]],
        [coder.reconstruct, [15n, 48n]],
      ];
      for (const [call, rest] of calls) {
        refuses(() => Reflect.apply(call, coder, [slab, ...stripe, ...rest]), what);
      }
    }
    for (const [what, call] of refusedCalls) refuses(() => call(coder, slab), what);
    for (const other of [null, undefined, slab.bytes, slab.memory, {}]) {
      refuses(() => Reflect.apply(coder.encode, coder, [other, 0, 100, 100]), String(other));
    }
    assert.ok(slab.bytes.every((byte) => byte === guard));
    assert.ok(results.every((crc) => crc === 0));
    coder.encode(slab, 0, 170, 170);
    coder.encode(slab, 1_024, 0, 0);
    slab.close();
    refuses(() => coder.encode(slab, 0, 0, 0), 'closed');
  });

  test(`${name}: names the missing shards when too few are left`, () => {
    const coder = opening(new Coder({ data: 4, parity: 2 }, kernel));
    const slab = opening(Slab.allocate(1_024));
    slab.bytes.fill(guard);
    try {
      coder.reconstruct(slab, 0, 100, 100, maskOf([0, 3, 5]), maskOf([1]));
      assert.unreachable('was not refused');
    } catch (error) {
      assert.ok(isThemisError(error, 'THEMIS_SHARDS_MISSING'), String(error));
      assert.match(String(error), 'Of the 6 shards of a stripe 1, 2, 4 are missing');
    }
    assert.ok(slab.bytes.every((byte) => byte === guard));
  });

  test(`${name}: a closed coder refuses, and closing again is nothing`, () => {
    const coder = opening(new Coder({ data: 2, parity: 1 }, kernel));
    const slab = opening(Slab.allocate(100));
    coder.update(slab, 0, 10, 10, 1);
    coder.reconstruct(slab, 0, 10, 10, 3n, 4n);
    coder.close();
    coder.close();
    for (const call of [
      () => coder.encode(slab, 0, 10, 10),
      () => coder.verify(slab, 0, 10, 10),
      () => coder.update(slab, 0, 10, 10, 0),
      () => coder.reconstruct(slab, 0, 10, 10, 3n, 4n),
    ]) {
      assert.throws(call, (error: unknown) => isThemisError(error, 'THEMIS_CLOSED'));
    }
  });
}
