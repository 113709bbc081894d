/** The limits: positive, named in the right unit, and in the relations that other code relies on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

test('every limit is a positive whole number', () => {
  for (const [name, value] of Object.entries(limits)) {
    assert.ok(Number.isSafeInteger(value) && value > 0, `${name} is ${value}`);
  }
});

test('a value travels with its key in one command, and a batch of one operation fits', () => {
  const { keyBytesMax, valueBytesMax, commandBytesMax } = limits;
  assert.ok(keyBytesMax + valueBytesMax + KiB <= commandBytesMax);
});

test('the ring holds the longest command wherever it wraps, and two of them at once', () => {
  assert.ok(isPowerOfTwo(limits.ringBytes));
  // One is in use, the next does not fit the rest: the rest is skipped.
  assert.ok(limits.commandBytesMax * 3 <= limits.ringBytes);
});

test('the longest command, with the batch that it ends, fits one segment', () => {
  const headers = 2 * limits.blockBytes + limits.blockBytes;
  const { commandBytesMax, batchBytesMax, segmentBytes } = limits;
  assert.ok(commandBytesMax + batchBytesMax + headers <= segmentBytes);
});

test('sectors, blocks, segments and the ballast divide each other', () => {
  const { sectorBytes, blockBytes, segmentBytes, ballastBytes } = limits;
  for (const unit of [sectorBytes, blockBytes]) assert.ok(isPowerOfTwo(unit));
  assert.is(blockBytes % sectorBytes, 0);
  assert.is(segmentBytes % blockBytes, 0);
  assert.is(ballastBytes % blockBytes, 0);
});

test('queues that feed each other can hold what one call brings', () => {
  assert.ok(limits.batchOperationsMax <= limits.pendingOperationsMax);
  assert.ok(limits.pendingOperationsMin <= limits.pendingOperationsMax);
  assert.ok(isPowerOfTwo(limits.pendingOperationsMin) && isPowerOfTwo(limits.pendingOperationsMax));
  assert.ok(limits.commandBytesMax <= limits.writersWaitingBytesMax);
  assert.ok(limits.snapshotsKept >= 2, 'the log is truncated behind the older of two');
});

test.run();
