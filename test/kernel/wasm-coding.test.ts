/** Coding in WebAssembly over any product, and without scratch. The contract is in coder.test.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Coder, Slab } from '../../src/kernel/index.js';
import { wasmCoding } from '../../src/kernel/wasm-coding.js';
import { assertProducts } from '../contract/shard-products.js';

const kernel = wasmCoding();

test('equals the oracle for any matrix and any choice of shards', () => {
  assertProducts(kernel);
});

/** Runs `body` while all of a slab's scratch is taken. */
function withoutScratch(slab: Slab, body: () => void): void {
  const taken = slab.withScratch(() => {
    withoutScratch(slab, body);
    return true;
  });
  if (taken === null) body();
}

test('verification is right when others hold all scratch', () => {
  const slab = Slab.allocate(600);
  slab.bytes.fill(7, 0, 400);
  const coder = new Coder({ data: 4, parity: 2 }, kernel);
  coder.encode(slab, 0, 100, 100);
  let runs = 0;
  for (const at of [0, 50, 99]) {
    withoutScratch(slab, () => {
      assert.is(
        slab.withScratch(() => 1),
        null,
      );
      assert.is(coder.verify(slab, 0, 100, 100), -1);
      slab.bytes[500 + at] = (slab.bytes[500 + at] as number) ^ 1;
      assert.is(coder.verify(slab, 0, 100, 100), at);
      slab.bytes[500 + at] = (slab.bytes[500 + at] as number) ^ 1;
      runs += 1;
    });
  }
  assert.is(runs, 3);
});

test('each slab has its own instance, made once', () => {
  const product = {
    coefficients: Uint8Array.of(3),
    sources: Uint16Array.of(0),
    targets: Uint16Array.of(1),
  };
  const prepared = kernel.prepare(product);
  const slabs = [Slab.allocate(128), Slab.allocate(70_000)];
  for (const [i, slab] of slabs.entries()) slab.bytes.fill(i + 1, 0, 64);
  for (const slab of [...slabs, ...slabs]) prepared.multiply(slab, 0, 64, 64, false);
  assert.ok(slabs[0]?.bytes.subarray(64, 128).every((byte) => byte === 3));
  assert.ok(slabs[1]?.bytes.subarray(64, 128).every((byte) => byte === 6));
});

test.run();
