/** The frame of small files: what was sealed is sound, and no changed bit passes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import { checkSeal, portableKernel as kernel, sealBlock } from '../../src/kernel/index.js';

const format = { magic: 'THEMISXX', version: 2 };

function sealed(version = format.version): Uint8Array {
  const block = new Uint8Array(64).fill(7, 16, 40);
  sealBlock(kernel, block, { ...format, version });
  return block;
}

test('the frame is where the format says, and the fields stay as they are', () => {
  const block = sealed();
  assert.is(Buffer.from(block.subarray(0, 8)).toString('latin1'), 'THEMISXX');
  const view = viewOf(block);
  assert.equal([view.getUint32(8, true), view.getUint32(12, true)], [2, 1]);
  assert.ok(block.subarray(16, 40).every((byte) => byte === 7));
  assert.is(view.getUint32(60, true), kernel.crc32c(block, 0, 60, 0));
  assert.equal(checkSeal(kernel, block, format), { kind: 'sound' });
});

test('one flipped bit anywhere is bad', () => {
  for (let bit = 0; bit < 64 * 8; bit++) {
    const block = sealed();
    block[bit >> 3] = (block[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.equal(checkSeal(kernel, block, format), { kind: 'bad' }, `bit ${bit}`);
  }
});

test('another magic, an unknown checksum and version 0 are bad; a later version is named', () => {
  const sealedAs = (change: (block: Uint8Array) => void): Uint8Array => {
    const block = sealed();
    change(block);
    viewOf(block).setUint32(60, kernel.crc32c(block, 0, 60, 0), true);
    return block;
  };
  const bad = { kind: 'bad' };
  assert.equal(checkSeal(kernel, sealed(), { ...format, magic: 'THEMISXY' }), bad);
  const unknown = sealedAs((block) => viewOf(block).setUint32(12, 2, true));
  assert.equal(checkSeal(kernel, unknown, format), bad);
  assert.equal(checkSeal(kernel, sealed(0), format), bad);
  assert.equal(checkSeal(kernel, sealed(3), format), { kind: 'newer', version: 3 });
});

test.run();
