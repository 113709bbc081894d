/** Memory for repairs: taken with the first, one slot after the other. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { seededRandom } from '../../src/io/index.js';
import { RepairSlab } from '../../src/shard/repair-slab.js';

test('two of the largest stripes fit; a third waits until one is given back', async () => {
  const slab = new RepairSlab(seededRandom(1).stream('slab'));
  const offsets = [
    await slab.take(limits.blobSlotBytesMax),
    await slab.take(limits.blobSlotBytesMax),
  ];
  assert.equal(offsets, [0, limits.blobSlotBytesMax]);
  let third = -1;
  const waiting = slab.take(4096).then((offset) => {
    third = offset;
  });
  await Promise.resolve();
  assert.is(third, -1);
  slab.free(0);
  await waiting;
  assert.is(third, 0);
  assert.is(slab.memory.bytes.length, 2 * limits.blobSlotBytesMax);
  assert.is(slab.posted.id, slab.posted.id);
  slab.close();
});

test.run();
