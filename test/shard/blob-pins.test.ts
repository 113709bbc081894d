/** Pins: counted, and what dies under them goes with the last. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BlobPins } from '../../src/shard/blob-pins.js';

function pins() {
  const forgotten: number[] = [];
  return { forgotten, pins: new BlobPins(({ blob }) => forgotten.push(blob)) };
}

const seven = { blob: 7, stripes: 1, width: 6 };

test('what nobody pins is forgotten at once', () => {
  const { forgotten, pins: one } = pins();
  one.release(seven);
  assert.equal(forgotten, [7]);
});

test('what is pinned is forgotten once, with the last pin', () => {
  const { forgotten, pins: one } = pins();
  one.pin(7);
  one.pin(7);
  one.release(seven);
  one.release(seven);
  one.unpin(7);
  assert.equal(forgotten, []);
  assert.ok(one.isPinned(7));
  one.unpin(7);
  assert.equal(forgotten, [7]);
  assert.not(one.isPinned(7));
});

test('a pin alone forgets nothing; one too many off is a defect', () => {
  const { forgotten, pins: one } = pins();
  one.pin(7);
  one.unpin(7);
  assert.equal(forgotten, []);
  assert.throws(() => one.unpin(7), /pinned/);
});

test.run();
