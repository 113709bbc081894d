/** Scratch views are made once per length; copies of every length are exact. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyBytes, ScratchBytes } from '../../src/metadata/scratch-bytes.js';

test('the same length gives the same view, and every length is exact', () => {
  const scratch = new ScratchBytes();
  for (const length of [0, 1, 64, 2_048, 2_049, 100_000]) {
    const view = scratch.take(length);
    assert.is(view.length, length);
    assert.is(scratch.take(length) === view, length <= 2_048);
  }
});

test('copyBytes copies exactly the range, by loop and by set', () => {
  const memory = Uint8Array.from({ length: 300 }, (_, i) => i + 1);
  for (const length of [0, 1, 63, 64, 65, 200]) {
    const target = new Uint8Array(210);
    copyBytes(target, 5, memory, 7, length);
    assert.equal(target.subarray(5, 5 + length), memory.subarray(7, 7 + length));
    assert.ok(target.subarray(0, 5).every((byte) => byte === 0));
    assert.ok(target.subarray(5 + length).every((byte) => byte === 0));
  }
});

test.run();
