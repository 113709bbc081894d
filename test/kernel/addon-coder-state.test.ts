/**
 * What the addon keeps for coding: slabs and plans by numbers that are never given twice, bounded,
 * alive while they are open, separate in each thread, gone with it.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, must } from '../../src/base/index.js';
import { type NativeCoder, nativeCoders } from './addon-coders.js';

/** Not among the types of Node. */
const {
  Memory,
}: { Memory: new (_: object) => { buffer: SharedArrayBuffer; grow(_: number): void } } =
  Reflect.get(globalThis, 'WebAssembly');

const one = [Uint8Array.of(1), Uint16Array.of(0), Uint16Array.of(1)] as const;

function refused(call: () => unknown, words: string): void {
  assert.throws(
    call,
    (error: unknown) => codeOf(error) === 'THEMIS_KERNEL_ARGUMENT' && String(error).includes(words),
    words,
  );
}

function withCoder(body: (addon: typeof nativeCoders & object, coder: NativeCoder) => void): void {
  if (nativeCoders === null) return; // No addon was built: nothing keeps anything.
  body(nativeCoders, must(nativeCoders.coders[0], 'the scalar coder at least'));
}

test('what was closed is refused, also when its place is taken again', () => {
  withCoder((addon, coder) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(256));
    const slab = addon.slabOpen(bytes);
    const plan = coder.planOpen(...one);
    coder.multiply(plan, slab, 0, 128, 128, 0);
    addon.slabClose(slab);
    refused(() => coder.multiply(plan, slab, 0, 128, 128, 0), 'the slab is not open');
    refused(() => addon.slabClose(slab), 'the slab is not open');
    const next = addon.slabOpen(bytes);
    assert.is.not(next, slab);
    refused(() => coder.multiply(plan, slab, 0, 128, 128, 0), 'the slab is not open');
    coder.planClose(plan);
    const nextPlan = coder.planOpen(...one);
    assert.is.not(nextPlan, plan);
    refused(() => coder.multiply(plan, next, 0, 128, 128, 0), 'the plan is not open');
    refused(() => coder.planClose(plan), 'the plan is not open');
    coder.planClose(nextPlan);
    addon.slabClose(next);
  });
});

test('a plan belongs to its coder', () => {
  withCoder((addon, coder) => {
    const slab = addon.slabOpen(new Uint8Array(256));
    const plan = coder.planOpen(...one);
    for (const other of addon.coders.slice(1)) {
      refused(() => other.verify(plan, slab, 0, 1, 1), 'the plan belongs to another coder');
      refused(() => other.planClose(plan), 'the plan belongs to another coder');
    }
    coder.planClose(plan);
    addon.slabClose(slab);
  });
});

test('the numbers of open slabs and plans are bounded', () => {
  withCoder((addon, coder) => {
    const bytes = new Uint8Array(64);
    const fill = (open: () => number, what: string): number[] => {
      const numbers: number[] = [];
      for (let i = 0; i <= 4_096; i++) {
        try {
          numbers.push(open());
        } catch (error) {
          assert.match(String(error), what);
          break;
        }
      }
      assert.is(numbers.length, 4_096);
      return numbers;
    };
    const slabs = fill(() => addon.slabOpen(bytes), 'too many slabs are open');
    const plans = fill(() => coder.planOpen(...one), 'too many plans are open');
    for (const slab of slabs) addon.slabClose(slab);
    for (const plan of plans) coder.planClose(plan);
    addon.slabClose(addon.slabOpen(bytes));
  });
});

test('an ArrayBuffer that was moved to another owner is refused, not read', () => {
  withCoder((addon, coder) => {
    const bytes = new Uint8Array(256).fill(7);
    const slab = addon.slabOpen(bytes);
    const plan = coder.planOpen(...one);
    coder.multiply(plan, slab, 0, 128, 128, 0);
    const moved = structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    refused(() => coder.multiply(plan, slab, 0, 128, 128, 0), 'leaves the slab');
    assert.equal(new Uint8Array(moved), new Uint8Array(256).fill(7));
    coder.planClose(plan);
    addon.slabClose(slab);
  });
});

test('a slab keeps its memory alive, and a WebAssembly.Memory may grow meanwhile', () => {
  withCoder((addon, coder) => {
    const memory = new Memory({ initial: 1, maximum: 64, shared: true });
    const slab = addon.slabOpen(new Uint8Array(memory.buffer));
    const plan = coder.planOpen(Uint8Array.of(2), Uint16Array.of(0), Uint16Array.of(1));
    memory.grow(40);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0x80, 0, 128);
    coder.multiply(plan, slab, 0, 128, 128, 1);
    assert.equal(bytes.slice(128, 256), new Uint8Array(128).fill(0x1d));
    refused(() => coder.multiply(plan, slab, 65_536, 128, 128, 1), 'leaves the slab');
    coder.planClose(plan);
    addon.slabClose(slab);
  });
});

const text = `
  const { parentPort, workerData } = require('node:worker_threads');
  const addon = require(workerData.file);
  const { shared, flag } = workerData;
  const bytes = new Uint8Array(shared);
  const coder = addon.coders[workerData.coder % addon.coders.length];
  const slab = addon.slabOpen(bytes);
  const plan = coder.planOpen(Uint8Array.of(1), Uint16Array.of(0), Uint16Array.of(1));
  addon.slabOpen(new Uint8Array(64));
  for (let round = 1; round <= workerData.rounds; round++) {
    bytes.fill(round, 0, workerData.length);
    coder.multiply(plan, slab, 0, workerData.length, workerData.length, 1);
    Atomics.store(flag, 0, round);
    Atomics.notify(flag, 0);
    while (Atomics.load(flag, 1) !== round) Atomics.wait(flag, 1, round - 1);
  }
  parentPort.postMessage([slab, plan]);
`;

test('streamed bytes are there when another thread is told so; eight threads at once', async () => {
  if (nativeCoders === null) return;
  const { addonFile } = await import('./addon-file.js');
  const length = 8_192;
  const rounds = 200;
  const numbers = await Promise.all(
    Array.from({ length: 8 }, async (_, coder) => {
      const shared = new SharedArrayBuffer(2 * length);
      const flag = new Int32Array(new SharedArrayBuffer(8));
      const workerData = { file: addonFile, shared, flag, coder, rounds, length };
      const worker = new Worker(text, { eval: true, workerData });
      const exited = once(worker, 'exit');
      const message = once(worker, 'message');
      for (let round = 1; round <= rounds; round++) {
        await told(flag, round);
        const target = new Uint8Array(shared, length);
        const wrong = target.findIndex((byte) => byte !== (round & 255));
        assert.is(wrong, -1, `coder ${coder}, round ${round}`);
        Atomics.store(flag, 1, round);
        Atomics.notify(flag, 1);
      }
      const [mine] = await message;
      assert.equal(await exited, [0]);
      return mine;
    }),
  );
  // Each thread counts from the start: what one opened is not seen by another.
  assert.equal(numbers, Array(8).fill([0, 0]));
});

/** Resolves when the flag shows the round, without a moment of blocking. */
async function told(flag: Int32Array, round: number): Promise<void> {
  for (let seen = Atomics.load(flag, 0); seen !== round; seen = Atomics.load(flag, 0)) {
    const { async, value } = Atomics.waitAsync(flag, 0, seen);
    if (async) await value;
  }
}

test.run();
