/** How coders of an addon are called: numbers for slabs and plans, opened once, closed for good. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import type { Addon, AddonCoder } from '../../src/kernel/addon.js';
import { addonCoding } from '../../src/kernel/addon-coding.js';
import { Coder, Slab } from '../../src/kernel/index.js';

interface Recorded {
  readonly addon: Addon;
  readonly calls: unknown[][];
}

/** An addon that writes down what it is asked for, and fails when told to. */
function recorded(failure?: Error): Recorded {
  const calls: unknown[][] = [];
  const record =
    (name: string, result: number) =>
    (...input: unknown[]): number => {
      if (failure !== undefined && name !== 'planOpen') throw failure;
      calls.push([name, ...input]);
      return result;
    };
  const coderOf = (name: string, plan: number): AddonCoder => ({
    name,
    planOpen: record('planOpen', plan),
    planClose: record('planClose', 0),
    multiply: record('multiply', 0),
    verify: record('verify', 3),
    multiplyAdd: record('multiplyAdd', 0),
    multiplyChecksums: record('multiplyChecksums', 0),
  });
  const addon: Addon = {
    kernels: [],
    refused: [],
    coders: [coderOf('a', 7), coderOf('b', 8)],
    refusedCoders: [],
    slabOpen: record('slabOpen', 5),
    slabClose: record('slabClose', 0),
  };
  return { addon, calls };
}

test('a slab is registered on first use, once for all coders, until it is closed', () => {
  const { addon, calls } = recorded();
  const [a, b] = addonCoding(addon).map((kernel) => new Coder({ data: 2, parity: 1 }, kernel));
  const slab = Slab.allocate(100);
  const { bytes } = slab;
  assert.is(a?.kernel, 'addon/a');
  calls.splice(0);
  a?.encode(slab, 1, 20, 10, 'streaming');
  assert.is(b?.verify(slab, 2, 30, 20), 3);
  slab.close();
  assert.equal(calls, [
    ['slabOpen', bytes],
    ['multiply', 7, 5, 1, 20, 10, 1],
    ['verify', 8, 5, 2, 30, 20],
    ['slabClose', 5],
  ]);
});

test('every kind of call goes to the function of its name', () => {
  const { addon, calls } = recorded();
  const [kernel] = addonCoding(addon);
  if (kernel === undefined) return assert.unreachable('there are two');
  const coder = new Coder({ data: 2, parity: 1, matrix: 'cauchy' }, kernel);
  const slab = Slab.allocate(100);
  const results = new Uint32Array(6);
  coder.encodeWithChecksums(slab, 0, 10, 10, 5, results);
  coder.update(slab, 0, 10, 10, 1);
  coder.reconstruct(slab, 0, 10, 10, 5n, 2n);
  coder.close();
  assert.equal(
    calls.map(([name]) => name),
    [
      ...['planOpen', 'slabOpen', 'multiplyChecksums'],
      ...['planOpen', 'multiplyAdd'],
      ...['planOpen', 'multiply'],
      ...['planClose', 'planClose', 'planClose'],
    ],
  );
  assert.equal(calls[2], ['multiplyChecksums', 7, 5, 0, 10, 10, 0, 5, results]);
  assert.equal(calls[4], ['multiplyAdd', 7, 5, 0, 10, 10]);
  assert.equal(calls[6], ['multiply', 7, 5, 0, 10, 10, 0]);
});

test('a refusal of the addon is a ThemisError, any other error goes on as it is', () => {
  const refusal = Object.assign(new TypeError('odd'), { code: 'THEMIS_KERNEL_ARGUMENT' });
  const other = new RangeError('other');
  const slab = Slab.allocate(100);
  for (const failure of [refusal, other]) {
    const [kernel] = addonCoding(recorded(failure).addon);
    if (kernel === undefined) return assert.unreachable('there are two');
    const coder = new Coder({ data: 2, parity: 1 }, kernel);
    assert.throws(
      () => coder.encode(slab, 0, 10, 10),
      (error: unknown) =>
        failure === other ? error === other : isThemisError(error, 'THEMIS_KERNEL_ARGUMENT'),
    );
  }
});

test.run();
