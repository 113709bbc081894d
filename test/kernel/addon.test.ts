/**
 * Every tier of the addon that runs here keeps the kernel contract, also when the wrapper that
 * keeps short ranges in TypeScript is taken away, and in eight threads at once.
 */

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { addonBytesMin, addonKernel, isAddon } from '../../src/kernel/addon.js';
import { loadKernel, naiveKernel, portableKernel } from '../../src/kernel/index.js';
import { kernelContract, sampleBytes } from '../contract/kernel.js';
import { addonFile } from './addon-file.js';

const { tiers } = loadKernel();
process.stdout.write(`kernel tiers tested here: ${tiers.join(', ')}\n`);

for (const tier of tiers.filter((name) => name.startsWith('addon/'))) {
  kernelContract(test, loadKernel({ force: tier }).kernel);
}

const loaded: unknown = addonFile === null ? null : createRequire(import.meta.url)(addonFile);
const native = isAddon(loaded) ? loaded.kernels : [];

for (const tier of native) {
  test(`${tier.name}: the addon itself is right below the wrapper's threshold`, () => {
    const bytes = sampleBytes(400, true);
    for (let offset = 0; offset < 64; offset++) {
      for (let length = 0; length <= addonBytesMin; length++) {
        const expected = naiveKernel.crc32c(bytes, offset, length, offset);
        assert.is(tier.crc32c(bytes, offset, length, offset), expected);
      }
    }
  });

  test(`${tier.name}: the addon itself checks every argument, and refuses with a code`, () => {
    const bytes = new Uint8Array(100);
    const calls: readonly (readonly unknown[])[] = [
      [],
      [bytes, 0, 1],
      [null, 0, 1, 0],
      [new ArrayBuffer(100), 0, 1, 0],
      [new Int8Array(100), 0, 1, 0],
      [new DataView(new ArrayBuffer(100)), 0, 1, 0],
      [bytes, -1, 1, 0],
      [bytes, 0.5, 1, 0],
      [bytes, '0', 1, 0],
      [bytes, 101, 0, 0],
      [bytes, 0, 101, 0],
      [bytes, 1, 100, 0],
      [bytes, 0, Number.NaN, 0],
      [bytes, 2 ** 53, 2 ** 53, 0],
      [bytes, 0, 2 ** 64, 0],
      [bytes, 0, 1, -1],
      [bytes, 0, 1, 2 ** 32],
      [bytes, 0, 1, 1n],
      [bytes, 0, 1, {}],
    ];
    for (const input of calls) {
      assert.throws(
        () => Reflect.apply(tier.crc32c, undefined, [...input]),
        (error: unknown) => codeOf(error) === 'THEMIS_KERNEL_ARGUMENT',
        String(input),
      );
    }
  });
}

test('short ranges do not enter the addon, long ones do', () => {
  let calls = 0;
  const kernel = addonKernel({
    name: 'counted',
    crc32c(bytes, offset, length, seed) {
      calls += 1;
      return portableKernel.crc32c(bytes, offset, length, seed);
    },
    crc32cRanges: portableKernel.crc32cRanges,
  });
  const bytes = new Uint8Array(1_000);
  assert.is(kernel.name, 'addon/counted');
  kernel.crc32c(bytes, 0, addonBytesMin - 1, 0);
  assert.is(calls, 0);
  kernel.crc32c(bytes, 0, addonBytesMin, 0);
  assert.is(calls, 1);
});

test('an error of the addon that is not about arguments goes on as it is', () => {
  const odd = new RangeError('odd');
  const kernel = addonKernel({
    name: 'odd',
    crc32c: portableKernel.crc32c,
    crc32cRanges() {
      throw odd;
    },
  });
  const none = new Uint32Array(0);
  assert.throws(
    () => kernel.crc32cRanges(new Uint8Array(0), none, 0, none),
    (error: unknown) => error === odd,
  );
});

test('isAddon accepts the addon and nothing that merely resembles it', () => {
  const tier = { name: 'x', crc32c() {}, crc32cRanges() {} };
  const coder = {
    name: 'x',
    planOpen() {},
    planClose() {},
    multiply() {},
    verify() {},
    multiplyAdd() {},
    multiplyChecksums() {},
  };
  const addon = {
    kernels: [tier],
    refused: [{ name: 'y', missing: 'Z' }],
    coders: [coder],
    refusedCoders: [{ name: 'y', missing: 'Z' }],
    slabOpen() {},
    slabClose() {},
  };
  assert.is(isAddon(addon), true);
  assert.is(isAddon({ ...addon, refused: [], refusedCoders: [] }), true);
  for (const other of [null, 'text', {}]) assert.is(isAddon(other), false);
  for (const [name, values] of Object.entries({
    kernels: [
      undefined,
      tier,
      [],
      [{ ...tier, name: 1 }],
      [{ ...tier, crc32c: 1 }],
      [{ ...tier, crc32cRanges: null }],
    ],
    refused: [undefined, [{ name: 'y' }]],
    coders: [
      undefined,
      coder,
      [],
      [{ ...coder, name: 1 }],
      ...Object.keys(coder).map((missing) => [{ ...coder, [missing]: undefined }]),
    ],
    refusedCoders: [undefined, [{ missing: 'Z' }]],
    slabOpen: [undefined, 1],
    slabClose: [undefined, 1],
  })) {
    for (const value of values) {
      assert.is(isAddon({ ...addon, [name]: value }), false, `${name}: ${JSON.stringify(value)}`);
    }
  }
});

test('eight threads load the kernel at once and agree with the oracle', async () => {
  const bytes = sampleBytes(20_000, true);
  const sumWith = (kernel: typeof naiveKernel, rounds: number): number => {
    const ranges = Uint32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i * 10 : 90 + i));
    const results = new Uint32Array(100);
    let sum = 0;
    for (let round = 0; round < rounds; round++) {
      sum = kernel.crc32c(bytes, round, bytes.length - round, sum);
      kernel.crc32cRanges(bytes, ranges, 100, results);
      for (const crc of results) sum = (sum ^ crc) >>> 0;
    }
    return sum;
  };
  const fast = tiers.filter((tier) => tier !== naiveKernel.name);
  assert.is(sumWith(portableKernel, 3), sumWith(naiveKernel, 3));
  const expected = sumWith(portableKernel, 50);
  const sums = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const worker = new Worker(new URL('./addon-worker.js', import.meta.url), {
        workerData: { bytes, tier: fast[i % fast.length], rounds: 50 },
      });
      const exited = once(worker, 'exit');
      const [sum] = await once(worker, 'message');
      assert.equal(await exited, [0]);
      return sum;
    }),
  );
  assert.equal(sums, Array(8).fill(expected));
});

test.run();
