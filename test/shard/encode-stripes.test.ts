/** Encoding in place: fragments that readers accept, parity that the oracle computes, zeros behind. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { decodeFragment, placeFragment } from '../../src/device/fragment.js';
import { MemoryFileSystem } from '../../src/io/index.js';
import {
  Coder,
  portableKernel as kernel,
  naiveCoding,
  portableCoding,
  Slab,
} from '../../src/kernel/index.js';
import { encodeStripes } from '../../src/shard/encode-stripes.js';
import { fragmentLength, slotBytes, strideOf } from '../../src/shard/stripe-layout.js';
import { TaskSetting } from '../../src/shard/task-setting.js';
import { clusterId, randomValue } from './blob-fixture.js';

const nonce = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const page = limits.blockBytes;

function encode(data: number, parity: number, length: number, dirt: number) {
  const code = { data, parity };
  const bytes = fragmentLength(code, length);
  const stride = strideOf(bytes);
  const slab = Slab.allocate(page + slotBytes(code, length));
  slab.bytes.fill(dirt);
  const value = randomValue(length);
  for (let i = 0; i * bytes < length; i++) {
    slab.bytes.set(value.subarray(i * bytes, (i + 1) * bytes), page + i * stride + page);
  }
  const setting = new TaskSetting({
    fileSystem: new MemoryFileSystem(),
    kernel,
    coding: portableCoding,
  });
  const { memory, byteLength } = slab;
  const digests = encodeStripes(
    {
      slab: { id: 1, memory, byteLength },
      clusterId,
      nonce,
      blockBytes: limits.fragmentBlockBytes,
      stripes: [{ ...code, offset: page, blob: 77, stripe: 3, length }],
    },
    setting,
  );
  return { slab, digests, bytes, stride, value };
}

for (const [data, parity, length] of [
  [4, 2, 1],
  [4, 2, 257],
  [4, 2, 300_000],
  [3, 0, 70_000],
  [1, 2, 100_000],
  [6, 3, 512],
] as const) {
  test(`${length} bytes under ${data} + ${parity}`, () => {
    const { slab, digests, bytes, stride, value } = encode(data, parity, length, 0xee);
    assert.is(digests.length, data + parity);
    for (let number = 0; number < data + parity; number++) {
      const at = page + number * stride;
      placeFragment(kernel, slab.bytes, at, 1);
      const decoded = decodeFragment(kernel, slab.bytes, at);
      assert.is(decoded.kind, 'valid');
      if (decoded.kind !== 'valid') return;
      const { header } = decoded;
      assert.is(header.digest, digests[number]);
      assert.equal(
        [header.blob, header.stripe, header.number, header.data, header.parity],
        [77, 3, number, data, parity],
      );
      assert.equal([header.stripeBytes, header.bytes], [length, bytes]);
      const behind = slab.bytes.subarray(at + page + bytes, at + stride);
      assert.ok(
        behind.every((byte) => byte === 0),
        'zeros up to the page',
      );
    }
    const padded = new Uint8Array(data * bytes);
    padded.set(value);
    for (let number = 0; number < data; number++) {
      const start = page + number * stride + page;
      const fragment = slab.bytes.subarray(start, start + bytes);
      assert.ok(
        Buffer.from(fragment).equals(padded.subarray(number * bytes, (number + 1) * bytes)),
      );
    }
    if (parity === 0) return;
    const oracle = new Coder({ data, parity }, naiveCoding);
    assert.is(oracle.verify(slab, page + page, stride, bytes), -1);
  });
}

test('what the memory held before does not show: the same value has the same fragments', () => {
  const clean = encode(4, 2, 1_000, 0);
  const dirty = encode(4, 2, 1_000, 0xff);
  assert.equal(dirty.digests, clean.digests);
  assert.ok(Buffer.from(dirty.slab.bytes.subarray(page)).equals(clean.slab.bytes.subarray(page)));
});

test.run();
